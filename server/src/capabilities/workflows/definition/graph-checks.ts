import type { Found } from './found.ts';
import { isObject } from './json.ts';
import type { Path } from './problem.ts';

/** Where a state may go: `Next`, `Default`, those of its choices and its catchers. */
export function targetsOf(state: Readonly<Record<string, unknown>>): { readonly name: unknown; readonly at: Path }[] {
  const within = (field: string) => {
    const entries = Array.isArray(state[field]) ? (state[field] as unknown[]) : [];
    return entries.flatMap((entry, index) =>
      isObject(entry) && entry.Next !== undefined ? [{ name: entry.Next, at: [field, index, 'Next'] }] : [],
    );
  };
  const own = ['Next', 'Default'].flatMap((field) =>
    state[field] === undefined ? [] : [{ name: state[field], at: [field] }],
  );
  return [...own, ...within('Choices'), ...within('Catch')];
}

/** That every state of a scope leads somewhere, can be reached from its first one, and can come to an end. */
export function checkGraph(scope: Readonly<Record<string, unknown>>, path: Path, found: Found): undefined {
  const states = scope.States as Readonly<Record<string, unknown>>;
  const names = Object.keys(states);
  const start = scope.StartAt;
  const known = (name: unknown): name is string => typeof name === 'string' && Object.hasOwn(states, name);
  const list = names.slice(0, 20).join(', ');
  if (!known(start)) return found.add([...path, 'StartAt'], `StartAt names no state beside it.`, `There are ${list}.`);
  const next = new Map<string, string[]>();
  for (const name of names) {
    const state = states[name];
    const targets = isObject(state) ? targetsOf(state) : [];
    next.set(name, targets.map((target) => target.name).filter(known));
    for (const target of targets)
      if (!known(target.name))
        found.add(
          [...path, 'States', name, ...target.at],
          `${JSON.stringify(String(target.name).slice(0, 80))} is no state beside it.`,
          `There are ${list}; states within a Map or a Parallel lead to each other only.`,
        );
  }
  const reached = spread([start], (name) => next.get(name) ?? []);
  for (const name of names)
    if (!reached.has(name))
      found.add([...path, 'States', name], 'Nothing leads to this state.', 'Let a state lead to it, or remove it.');
  const before = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const [name, targets] of next) for (const target of targets) before.get(target)?.push(name);
  const ends = names.filter((name) => isEnd(states[name]));
  const ending = spread(ends, (name) => before.get(name) ?? []);
  for (const name of reached)
    if (!ending.has(name))
      found.add(
        [...path, 'States', name],
        'From this state the machine never comes to an end.',
        'Let a way out lead to an end.',
      );
}

function isEnd(state: unknown): boolean {
  return isObject(state) && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail');
}

/** All that can be got at from `first`. */
function spread(first: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const reached = new Set(first);
  const open = [...first];
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const target of next(name))
      if (!reached.has(target)) {
        reached.add(target);
        open.push(target);
      }
  return reached;
}
