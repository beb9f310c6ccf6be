import { expect, test } from 'vitest';
import type { ColumnType } from '../engine/protocol.ts';
import { mergeColumns } from './merge-columns.ts';

const columns = (types: Record<string, ColumnType>) => Object.entries(types).map(([name, type]) => ({ name, type }));
const merged = (...all: Record<string, ColumnType>[]) =>
  Object.fromEntries(mergeColumns(all.map(columns)).map(({ name, type }) => [name, type]));

test('the columns of all objects come together in the order in which they are met', () => {
  const names = mergeColumns([columns({ b: 'string', a: 'string' }), columns({ c: 'string', a: 'string' })]);
  expect(names.map((column) => column.name)).toEqual(['b', 'a', 'c']);
  expect(mergeColumns([])).toEqual([]);
});

test('objects that disagree on a type meet where no value is lost', () => {
  expect(merged({ a: 'integer' }, { a: 'integer' })).toEqual({ a: 'integer' });
  expect(merged({ a: 'integer' }, { a: 'number' })).toEqual({ a: 'number' });
  expect(merged({ a: 'number' }, { a: 'integer' })).toEqual({ a: 'number' });
  expect(merged({ a: 'timestamp' }, { a: 'date' })).toEqual({ a: 'timestamp' });
  expect(merged({ a: 'date' }, { a: 'integer' })).toEqual({ a: 'string' });
  expect(merged({ a: 'integer' }, { a: 'boolean' })).toEqual({ a: 'string' });
  expect(merged({ a: 'boolean' }, { a: 'timestamp' }, { a: 'boolean' })).toEqual({ a: 'string' });
  expect(merged({ a: 'integer' }, { a: 'string' }, { a: 'number' })).toEqual({ a: 'string' });
});
