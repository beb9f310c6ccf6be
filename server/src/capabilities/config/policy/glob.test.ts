import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findPaths, matchesGlob } from './glob.ts';

/** The slow way, by every way to cut the text. */
function reference(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return Array.from({ length: text.length + 1 }, (_, at) => text.slice(at)).some((rest) =>
      reference(pattern.slice(1), rest),
    );
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && reference(pattern.slice(1), text.slice(1));
}

it('matches as the slow way does', () => {
  const few = (letters: string, maxLength: number) =>
    fc.array(fc.constantFrom(...letters), { maxLength }).map((all) => all.join(''));
  fc.assert(
    fc.property(few('ab*?', 8), few('abc', 10), (pattern, text) => {
      expect(matchesGlob(pattern, text)).toBe(reference(pattern, text));
    }),
    { numRuns: 1000 },
  );
});

it('finds paths by name, by pattern and at any depth, whatever their case', () => {
  const document = {
    servers: [{ env: { A_TOKEN: 1, b: 2 } }, { env: { 'c/d~e': 3 } }],
    Deep: { trust: { trust: true } },
  };
  const at = (pattern: string) => findPaths(document, pattern).map(({ pointer }) => pointer);
  expect(at('/servers/*/env/*_token')).toEqual(['/servers/0/env/A_TOKEN']);
  expect(at('/servers/1/env/c~1d~0e')).toEqual(['/servers/1/env/c~1d~0e']);
  expect(at('/**/TRUST')).toEqual(['/Deep/trust', '/Deep/trust/trust']);
  expect(at('/servers/2')).toEqual([]);
  expect(at('')).toEqual(['']);
});
