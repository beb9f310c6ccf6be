import fc from 'fast-check';
import { expect, test } from 'vitest';
import { artifactPattern, baseOf, checkFilePath, isPlainPath, matchesPattern } from './paths.ts';

test('a pattern is relative to the work directory, however it was written', () => {
  expect(artifactPattern('/work/out/*.txt')).toBe('out/*.txt');
  expect(artifactPattern('./out/')).toBe('out');
  expect(artifactPattern('/work')).toBe('**');
  expect(artifactPattern('a b/ü.csv')).toBe('a b/ü.csv');
});

test.each([
  '',
  '/',
  '/etc/passwd',
  '/workshop/x',
  '../x',
  'a/../b',
  'a/..',
  'a//b',
  '.',
  'a/./b',
  'a\nb',
  'a\0b',
  'a\\b',
  'a\u202eb',
  '\ud800',
  'x'.repeat(513),
  'a/'.repeat(40),
])('%j leads nowhere', (path) => {
  expect(() => artifactPattern(path)).toThrow(expect.objectContaining({ code: 'INVALID_PATH' }));
  expect(isPlainPath(path)).toBe(false);
  expect(() => checkFilePath(path)).toThrow(expect.objectContaining({ code: 'INVALID_PATH' }));
});

test('a file has no wildcard in its name', () => {
  expect(() => checkFilePath('a*.txt')).toThrow(expect.objectContaining({ code: 'INVALID_PATH' }));
  checkFilePath('out/a.txt');
});

test.each([
  ['out/*.txt', ['out/a.txt', 'out/.txt'], ['out/a.txtx', 'out/b/a.txt', 'a.txt']],
  ['**/*.log', ['a.log', 'x/y/a.log'], ['a.logs']],
  ['out/**', ['out/a', 'out/b/c'], ['outer/a']],
  ['a/**/z', ['a/z', 'a/b/c/z'], ['a/b/c/zz', 'z']],
  ['?.c', ['a.c', 'ü.c', '😀.c'], ['ab.c', '.c']],
  ['out', ['out', 'out/a/b'], ['output']],
  ['[a].txt', ['[a].txt'], ['a.txt']],
  ['**', ['a', 'a/b'], []],
])('%s', (pattern, yes, no) => {
  expect(yes.filter((path) => !matchesPattern(pattern, path))).toEqual([]);
  expect(no.filter((path) => matchesPattern(pattern, path))).toEqual([]);
});

test('where to look holds every path that matches', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '*', '?', '**', 'a*');
  const name = fc.constantFrom('a', 'b', 'ab', 'aab');
  const path = (of: fc.Arbitrary<string>) =>
    fc.array(of, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(path(part), path(name), (pattern, text) => {
      const base = baseOf(pattern);
      const within = base === '' || text === base || text.startsWith(`${base}/`);
      expect(within || !matchesPattern(pattern, text)).toBe(true);
    }),
  );
});

test('matches as the regular expression of the same meaning does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  const pattern = fc
    .string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 })
    .filter((part) => !part.includes('**'));
  fc.assert(
    fc.property(pattern, text.filter(isPlainPath), (wanted, path) => {
      const same = new RegExp(`^${wanted.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
      const below = !/[*?]/.test(wanted) && path.startsWith(`${wanted}/`);
      const literal = path.split('/')[0] === wanted;
      expect(matchesPattern(wanted, path)).toBe(same.test(path) || below || literal);
    }),
    { numRuns: 500 },
  );
});

test('a pattern made to take for ever does not', () => {
  expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(500))).toBe(false);
  expect(matchesPattern(`${'**/a/'.repeat(15)}b`, 'a/'.repeat(30).slice(0, -1))).toBe(false);
});
