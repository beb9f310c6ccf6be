import { refusalOf } from './asl-fields.ts';
import { isObject } from './json.ts';
import { type Path, type Problem, problem } from './problem.ts';

const mostProblems = 50;

/** Collects problems, each once, up to a number that somebody can read. */
export interface Found {
  readonly problems: Problem[];
  add(path: Path, message: string, suggestion: string): undefined;
  take(more: readonly Problem[]): undefined;
}

export function createFound(): Found {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const take = (more: readonly Problem[]): undefined => {
    for (const one of more) {
      const key = `${one.path}\n${one.message}`;
      if (problems.length >= mostProblems || seen.has(key)) continue;
      seen.add(key);
      problems.push(one);
    }
  };
  return { problems, take, add: (path, message, suggestion) => take([problem(path, message, suggestion)]) };
}

/** The value as an object of which every field is among `allowed`; what is not is a problem, and undefined where it is no object. */
export function closed(
  value: unknown,
  path: Path,
  found: Found,
  owner: string,
  allowed: readonly string[],
): Record<string, unknown> | undefined {
  if (!isObject(value)) {
    found.add(path, `${owner} is a mapping of fields.`, `Its fields are ${allowed.join(', ')}.`);
    return undefined;
  }
  for (const field of Object.keys(value))
    if (!allowed.includes(field)) found.add([...path, field], ...refusalOf(field, owner, allowed));
  return value;
}
