import { pointerOf } from '../families/neutral.ts';

/** A text of a value, and what it is called. */
export interface Leaf {
  readonly pointer: string;
  /** The name of the member, of the variable or of the flag before it. */
  readonly key: string;
  readonly text: string;
  /** Whether it is several texts put together, in which names mean nothing. */
  readonly joined?: boolean;
}

/** Members that say what an object is about, and those that hold its value. */
const naming = ['name', 'id', 'key', 'env'];
const holding = new Set(['value', 'default', 'placeholder', 'example', 'description', 'const']);

/** Every text of a JSON value: names of members, numbers as they are written, and the texts of an array put together. */
export function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];

  const walk = (at: unknown, path: readonly PropertyKey[], key: string): void => {
    if (typeof at === 'string') {
      leaves.push({ pointer: pointerOf(path), key, text: at }, ...assigned(at, path));
    } else if (typeof at === 'number') leaves.push({ pointer: pointerOf(path), key, text: String(at) });
    else if (Array.isArray(at)) {
      for (const [index, item] of at.entries()) walk(item, [...path, index], flagBefore(at, index) ?? key);
      leaves.push(...joined(at, path));
    } else if (typeof at === 'object' && at !== null) {
      const about = naming
        .map((name) => (at as Record<string, unknown>)[name])
        .find((name) => typeof name === 'string');
      for (const [name, member] of Object.entries(at)) {
        leaves.push({ pointer: pointerOf([...path, name]), key: '', text: name });
        walk(member, [...path, name], holding.has(name) && typeof about === 'string' ? about : name);
      }
    }
  };
  walk(value, [], '');
  return leaves;
}

/** `--token=x` and `TOKEN=x` have a name of their own. */
function assigned(text: string, path: readonly PropertyKey[]): Leaf[] {
  const [, name, rest] = /^-{0,2}([A-Za-z_][\w.-]{0,100})[=:]\s*(.+)$/s.exec(text) ?? [];
  return name === undefined || rest === undefined ? [] : [{ pointer: pointerOf(path), key: name, text: rest }];
}

function flagBefore(items: readonly unknown[], index: number): string | undefined {
  const before = items[index - 1];
  return typeof before === 'string' ? /^-{1,2}([A-Za-z][\w-]*)$/.exec(before)?.[1] : undefined;
}

/** A secret may be cut into several items. */
function joined(items: readonly unknown[], path: readonly PropertyKey[]): Leaf[] {
  const texts = items.filter((item) => typeof item === 'string');
  if (texts.length < 2) return [];
  const pointer = pointerOf(path);
  return ['', '\n'].map((between) => ({
    pointer,
    key: '',
    text: texts.join(between),
    joined: true,
  }));
}
