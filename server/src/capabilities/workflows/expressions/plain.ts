import type { Json } from '../definition/json.ts';
import { deepest, mostBytes, QueryError } from './protocol.ts';

/**
 * What an expression came to, as plain JSON: no function, nothing that JSON cannot say, neither too large nor too deep. It
 * counts as it goes, so that a small value that holds itself a million times over is found out early.
 */
export function plainJson(value: unknown, path: string): Json {
  let room = mostBytes;
  const take = (bytes: number) => {
    room -= bytes;
    if (room < 0) throw new QueryError(`${named(path)} comes to more than ${mostBytes / 1024 / 1024} MiB.`, 'size');
  };
  const copy = (given: unknown, depth: number): Json => {
    if (depth > deepest)
      throw new QueryError(`${named(path)} comes to values nested more than ${deepest} deep.`, 'depth');
    if (typeof given === 'string') {
      take(given.length + 2);
      return given;
    }
    take(8);
    if (given === null || typeof given === 'boolean') return given;
    if (typeof given === 'number') {
      if (Number.isFinite(given)) return given;
      throw new QueryError(`${named(path)} comes to a number that JSON cannot say.`);
    }
    if (Array.isArray(given)) return Array.from(given, (item) => copy(item === undefined ? null : item, depth + 1));
    if (typeof given === 'object' && !isFunction(given)) {
      const entries = Object.entries(given).filter(([, field]) => field !== undefined);
      return Object.fromEntries(
        entries.map(([name, field]) => {
          take(name.length + 4);
          return [name, copy(field, depth + 1)];
        }),
      );
    }
    throw new QueryError(`${named(path)} comes to a function, which is no data.`);
  };
  return copy(value, 0);
}

/** JSONata's own and the expression's functions are objects with such a mark. */
function isFunction(value: object): boolean {
  return '_jsonata_function' in value || '_jsonata_lambda' in value;
}

export function named(path: string): string {
  return path === '' ? 'The expression' : `The expression at ${path}`;
}
