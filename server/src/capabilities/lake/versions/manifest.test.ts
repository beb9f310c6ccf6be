import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../core/canonical.ts';
import type { ManifestObject } from '../contract.ts';
import { compareKeys, manifestIdOf, overlay } from './manifest.ts';

const object = (key: string, size = 1): ManifestObject => ({
  key,
  size,
  sha256: sha256(`${key}${size}`),
  content_type: 'text/csv',
  last_modified: '2026-01-01T00:00:00.000Z',
});
async function* of<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
const sorted = (keys: readonly string[]) => [...new Set(keys)].sort(compareKeys);
// Of few letters as a rule, or no key would ever be changed or removed.
const letter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'ü', '\uffff', '😀') },
  fc.string({ unit: 'binary' }),
);
const keys = fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 2 }));

test('property: an overlay is what a map says, in the order of keys', async () => {
  await fc.assert(
    fc.asyncProperty(keys, keys, keys, async (before, changed, removed) => {
      const wanted = new Map(before.map((key) => [key, object(key, 1)]));
      for (const key of removed) wanted.delete(key);
      for (const key of changed) wanted.set(key, object(key, 2));
      const parent = of(sorted(before).map((key) => object(key, 1)));
      const news = sorted([...changed, ...removed]).map((key) =>
        changed.includes(key) ? object(key, 2) : ({ key, removed: true } as const),
      );
      const got: ManifestObject[] = [];
      for await (const one of overlay(parent, of(news))) got.push(one);
      expect(got).toEqual(sorted([...wanted.keys()]).map((key) => wanted.get(key)));
    }),
  );
});

test('an id is the hash of the canonical list, and says nothing of when', async () => {
  const list = [object('a'), object('b')];
  const content = list.map(({ last_modified: _, ...rest }) => rest);
  expect(await manifestIdOf(of(list))).toBe(`sha256:${sha256(content)}`);
  expect(await manifestIdOf(of(list.map((one) => ({ ...one, last_modified: 'later' }))))).toBe(
    `sha256:${sha256(content)}`,
  );
  expect(await manifestIdOf(of([]))).toBe(`sha256:${sha256([])}`);
});
