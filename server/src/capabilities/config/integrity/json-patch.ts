import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from './parse-strict.ts';

/** One step of a patch (RFC 6902), of those that are made here. */
export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string };

/**
 * A patch (RFC 6902) from one JSON value to another. Lists are compared from both ends, so that one change in a long list is one
 * operation. Takes time in proportion to size and depth: the shortest patch of two lists would take the product of their lengths, in
 * memory too.
 */
export function patchBetween(before: JsonValue, after: JsonValue, path = ''): Operation[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return betweenLists(before, after, path);
  if (isObject(before) && isObject(after)) return betweenObjects(before, after, path);
  return [{ op: 'replace', path, value: after }];
}

function betweenLists(before: readonly JsonValue[], after: readonly JsonValue[], path: string): Operation[] {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && isDeepStrictEqual(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shortest - start && isDeepStrictEqual(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const old = before.slice(start, before.length - end);
  const made = after.slice(start, after.length - end);
  const operations: Operation[] = [];
  for (const [at, value] of made.entries()) {
    const here = `${path}/${start + at}`;
    const known = old[at];
    if (known === undefined) operations.push({ op: 'add', path: here, value });
    else for (const operation of patchBetween(known, value, here)) operations.push(operation);
  }
  for (let at = old.length - 1; at >= made.length; at -= 1)
    operations.push({ op: 'remove', path: `${path}/${start + at}` });
  return operations;
}

type JsonObject = { readonly [name: string]: JsonValue };

function betweenObjects(before: JsonObject, after: JsonObject, path: string): Operation[] {
  const at = (name: string) => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const operations: Operation[] = [];
  for (const name of Object.keys(before))
    if (!Object.hasOwn(after, name)) operations.push({ op: 'remove', path: at(name) });
  for (const [name, value] of Object.entries(after)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    if (known === undefined) operations.push({ op: 'add', path: at(name), value });
    else for (const operation of patchBetween(known, value, at(name))) operations.push(operation);
  }
  return operations;
}

function isObject(value: JsonValue): value is { [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
