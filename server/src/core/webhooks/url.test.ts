import fc from 'fast-check';
import { expect, test } from 'vitest';
import { urlProblem } from './url.ts';

test.each([
  ['https://example.com/hook?a=b', undefined],
  ['http://10.0.0.1:8080/', undefined],
  ['http://[::1]/', undefined],
  ['ftp://example.com/', /http or https/],
  ['javascript:alert(1)', /http or https/],
  ['example.com', /http or https/],
  ['', /http or https/],
  ['https://me@example.com/', /user name/],
  ['https://:word@example.com/', /user name/],
  ['https://example.com/#', /fragment/],
  [`https://example.com/${'a'.repeat(2000)}`, /at most/],
])('%s: %s', (text, problem) => {
  if (problem === undefined) expect(urlProblem(text)).toBeUndefined();
  else expect(urlProblem(text)).toMatch(problem);
});

test('what passes is an http(s) URL without credentials; nothing makes it throw', () => {
  const text = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string(),
    fc
      .tuple(fc.constantFrom('http:', 'https:', 'file:', 'HTTP:', 'https:\\\\', '//'), fc.string())
      .map(([a, b]) => a + b),
  );
  fc.assert(
    fc.property(text, (value) => {
      if (urlProblem(value) !== undefined) return;
      const url = new URL(value);
      expect(['http:', 'https:']).toContain(url.protocol);
      expect([url.username, url.password, url.hash]).toEqual(['', '', '']);
      expect(url.hostname).not.toBe('');
    }),
  );
});
