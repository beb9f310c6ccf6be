import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import { expect, it } from 'vitest';
import { patchBetween } from './json-patch.ts';
import type { JsonValue } from './parse-strict.ts';

const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(null, true, 0, 1, 'a', 'b', ''),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom('a', 'b', '~', 'a/b', ''), tie('value'), { maxKeys: 4 }),
  ),
}));

it('leads from any value to any other', () => {
  fc.assert(
    fc.property(value, value, (before, after) => {
      const holder = { root: structuredClone(before) };
      const patch = patchBetween(before, after, '/root');
      expect(applyPatch(holder, structuredClone(patch)).every((error) => error === null)).toBe(true);
      expect(holder).toEqual({ root: after });
      expect(patchBetween(after, structuredClone(after))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

it('is one operation for one change in a list', () => {
  const list = ['a', 'b', 'c', 'd'];
  expect(patchBetween(list, ['a', 'x', 'b', 'c', 'd'])).toEqual([{ op: 'add', path: '/1', value: 'x' }]);
  expect(patchBetween(list, ['a', 'd'])).toEqual([
    { op: 'remove', path: '/2' },
    { op: 'remove', path: '/1' },
  ]);
  expect(patchBetween([{ a: 1, b: [1] }], [{ a: 1, b: [2] }])).toEqual([{ op: 'replace', path: '/0/b/0', value: 2 }]);
});

it('endless data: long lists are compared all the same', () => {
  const long = (prefix: string) => Array.from({ length: 50_000 }, (_, at) => `${prefix}${at}`);
  expect(patchBetween(long('a'), [...long('a'), 'x'])).toHaveLength(1);
  expect(patchBetween(long('a'), long('b'))).toHaveLength(50_000);
});
