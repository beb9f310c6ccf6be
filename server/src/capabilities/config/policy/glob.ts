import { pointerOf } from '../families/neutral.ts';

/** One or several patterns. `*` stands for any characters, `?` for one; without them a pattern is exact. */
export type Globs = string | readonly string[];

export function isExact(pattern: string): boolean {
  return !/[*?]/.test(pattern);
}

export function listOf(globs: Globs): readonly string[] {
  return typeof globs === 'string' ? [globs] : globs;
}

/** Whether a text is what a pattern says. Takes time in proportion to the product of their lengths at most. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let from = 0;
  while (at < text.length) {
    if (pattern[from] === '*') {
      star = from;
      resume = at;
      from += 1;
    } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === text[at])) {
      from += 1;
      at += 1;
    } else if (star >= 0) {
      from = star + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  while (pattern[from] === '*') from += 1;
  return from === pattern.length;
}

type Form = (text: string) => string;
const itself: Form = (text) => text;
/** Patterns in one spelling, by what makes it: a set has the same ones at each evaluation. */
const formed = new WeakMap<Form, WeakMap<readonly string[], readonly string[]>>();

/** Whether any pattern fits any spelling, both in one spelling by `form`. */
export function fits(globs: Globs, spellings: readonly string[], form: Form = itself): boolean {
  const patterns = formedBy(form, globs);
  return spellings.some((given) => {
    const text = form(given);
    return patterns.some((pattern) => matchesGlob(pattern, text));
  });
}

function formedBy(form: Form, globs: Globs): readonly string[] {
  if (typeof globs === 'string') return [form(globs)];
  const known = formed.get(form) ?? new WeakMap<readonly string[], readonly string[]>();
  formed.set(form, known);
  const patterns = known.get(globs) ?? globs.map(form);
  known.set(globs, patterns);
  return patterns;
}

/** So many places a pattern finds at most. */
export const mostFound = 10_000;

export interface Found {
  readonly pointer: string;
  /** The last name on the way. */
  readonly name: string;
  readonly value: unknown;
}

/**
 * Every value of a document at a pattern of a JSON pointer, such as `/servers/?/env/*_TOKEN`. `*` and `?` stay within a name,
 * `**` stands for any names on the way. Case makes no difference.
 */
export function findPaths(document: unknown, pattern: string): Found[] {
  const steps = pattern
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~').toLowerCase());
  const found = new Map<string, Found>();
  const walk = (value: unknown, path: readonly string[], at: number): void => {
    if (found.size >= mostFound) return;
    const step = steps[at];
    if (step === undefined) {
      const pointer = pointerOf(path);
      found.set(pointer, { pointer, name: path.at(-1) ?? '', value });
      return;
    }
    if (step === '**') walk(value, path, at + 1);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (step === '**') walk(member, [...path, name], at);
      else if (matchesGlob(step, name.toLowerCase())) walk(member, [...path, name], at + 1);
    }
  };
  walk(document, [], 0);
  return [...found.values()];
}
