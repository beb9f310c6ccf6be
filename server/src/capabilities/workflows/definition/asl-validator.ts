// @ts-expect-error The package brings no types.
import untyped from 'asl-validator';
import type { Found } from './found.ts';
import { isObject } from './json.ts';
import type { Path } from './problem.ts';

interface ValidatorError {
  readonly Message: string;
  readonly schemaError?: { readonly instancePath: string };
}

const validate = untyped as (
  machine: unknown,
  options: { checkPaths: boolean; checkArn: boolean },
) => { readonly errors: readonly ValidatorError[] };

const emptied = new Set(['Arguments', 'Output', 'Assign', 'ItemSelector', 'BatchInput', 'Items', 'Comment']);
const targets = new Set(['StartAt', 'Next', 'Default']);

/**
 * Has a machine that passed our own checks checked by asl-validator as well, a second opinion by other hands. It is given the
 * structure alone, with plain names: it takes a field `Next` within an argument, or a state of that name, for a transition,
 * and no expression that has a line break.
 */
export function checkByValidator(machine: unknown, path: Path, found: Found): undefined {
  const names = new Map<string, string>();
  let errors: readonly ValidatorError[];
  try {
    ({ errors } = validate(skeleton(machine, names), { checkPaths: false, checkArn: false }));
  } catch (error) {
    return found.add(path, `asl-validator cannot read it: ${firstLine(error)}`, 'Compare it with docs/asl.md.');
  }
  const back = new Map([...names].map(([name, plain]) => [plain, name]));
  for (const error of errors) {
    const said = error.Message.replace(/\bs\d+\b/g, (plain) => back.get(plain) ?? plain).slice(0, 300);
    const at = pointer(error.schemaError?.instancePath ?? '');
    found.add(
      [...path, ...at.map((part) => back.get(part) ?? part)],
      `asl-validator: ${said}`,
      'Compare it with docs/asl.md.',
    );
  }
}

function skeleton(value: unknown, names: Map<string, string>, field?: string): unknown {
  const plain = (name: string) => {
    const known = names.get(name) ?? `s${names.size}`;
    names.set(name, known);
    return known;
  };
  if (typeof value === 'string') {
    if (field !== undefined && targets.has(field)) return plain(value);
    if (field === 'Error' || field === 'Cause') return 'a text';
    return value.startsWith('{%') ? '{% true %}' : value;
  }
  if (typeof value === 'number' && field === 'ToleratedFailurePercentage') return Math.floor(value);
  if (Array.isArray(value)) return value.map((item) => skeleton(item, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (field === 'States') return [plain(name), skeleton(inner, names)];
      return [name, emptied.has(name) ? emptyOf(name, inner) : skeleton(inner, names, name)];
    }),
  );
}

function emptyOf(name: string, value: unknown): unknown {
  if (name === 'Comment') return 'a comment';
  if (name === 'Items') return Array.isArray(value) ? [] : '{% true %}';
  return name === 'Assign' ? {} : '{% true %}';
}

function pointer(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? '';
}
