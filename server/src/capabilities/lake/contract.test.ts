import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentTypeOf } from './content-type.ts';
import { isObjectKey } from './contract.ts';
import { isInside } from './location.ts';

const segment = fc.oneof(fc.constantFrom('..', '.', '', 'a', '...', '%2e%2e', 'C:'), fc.string());
const key = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('/'));

test('an object key, were it ever a path, would stay below its directory', () => {
  fc.assert(
    fc.property(key, (name) => {
      fc.pre(isObjectKey(name));
      const file = path.join('/data/ds_1', name);
      expect(isInside(file, '/data/ds_1')).toBe(true);
      expect(path.relative('/data/ds_1', file)).toBe(name);
    }),
  );
});

test('a key is refused for what it has, not for what it looks like', () => {
  for (const good of ['a', 'a/b.csv', '..a', 'a..', '...', 'ü', 'a b', 'x'.repeat(1024)]) {
    expect(isObjectKey(good), good).toBe(true);
  }
  const bad = ['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/..', './a', 'a\\b', 'a\0', 'a\u007f', '\ud800'];
  for (const name of [...bad, 'x'.repeat(1025), 'ü'.repeat(513)]) expect(isObjectKey(name), name).toBe(false);
});

test('a directory holds itself and what is below it, not its neighbour', () => {
  for (const file of ['/data/a', '/data/a/b', '/data/a/b/c']) expect(isInside(file, '/data/a')).toBe(true);
  for (const file of ['/data/ab', '/data', '/', '/data/b/a', '/other/data/a'])
    expect(isInside(file, '/data/a')).toBe(false);
  expect(isInside('/anything', '/')).toBe(true);
});

test('the ending of a key tells its type; what is no ending of ours does not', () => {
  expect(contentTypeOf('a/b.CSV')).toBe('text/csv');
  expect(contentTypeOf('rows.jsonl')).toBe('application/x-ndjson');
  for (const name of ['x', 'a.png', 'a.__proto__', 'constructor', 'a.toString', '.']) {
    expect(contentTypeOf(name), name).toBe('application/octet-stream');
  }
});
