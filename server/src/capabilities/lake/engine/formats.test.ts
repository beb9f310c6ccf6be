import { expect, test } from 'vitest';
import { formatOf } from './formats.ts';

test('the key decides before the content type', () => {
  expect(formatOf('a/b.CSV')).toBe('csv');
  expect(formatOf('b.tsv')).toBe('csv');
  expect(formatOf('b.csv.gz')).toBe('csv');
  expect(formatOf('b.ndjson', 'text/csv')).toBe('jsonl');
  expect(formatOf('b.json')).toBe('json');
  expect(formatOf('b.parquet')).toBe('parquet');
  expect(formatOf('b.parquet.gz')).toBeUndefined();
  expect(formatOf('README.md')).toBe('text');
  expect(formatOf('upload', 'application/json; charset=utf-8')).toBe('json');
  expect(formatOf('.csv')).toBeUndefined();
  expect(formatOf('photo.png')).toBeUndefined();
  expect(formatOf('x.constructor', '__proto__')).toBeUndefined();
});
