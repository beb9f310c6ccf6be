import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestFor, isListed, parsePattern } from './allow-list.ts';
import { type ImageReference, parseImage, showImage } from './reference.ts';

const hex = 'ab'.repeat(32);
const other = 'cd'.repeat(32);
const image = (text: string) => parseImage(text) as ImageReference;
const allowed = (pattern: string, text: string) => isListed(image(text), [parsePattern(pattern)]);

describe('patterns of images that may be pulled', () => {
  test.each([
    ['python', 'docker.io/library/python:3.12', true],
    ['python', 'acme/python', false],
    ['python', 'ghcr.io/library/python', false],
    ['python', 'python.evil.com/library/python', false],
    ['python:3.*', 'python:3.12-slim', true],
    ['python:3.*', 'python:310', false],
    ['python:3.*', 'python', false],
    // What a digest names has no tag, whatever stands before it.
    ['python:3.*', `python:3.12@sha256:${hex}`, false],
    ['python', `python@sha256:${hex}`, true],
    [`python@sha256:${hex}`, `python:3.12@sha256:${hex}`, true],
    [`python@sha256:${hex}`, `python@sha256:${other}`, false],
    [`python@sha256:${hex}`, 'python:3.12', false],
    ['ghcr.io/acme/*', 'ghcr.io/acme/tool:1', true],
    ['ghcr.io/acme/*', 'GHCR.IO/acme/tool:1', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/team/tool', false],
    ['ghcr.io/acme/*', 'ghcr.io/acme-evil/tool', false],
    ['ghcr.io/acme/*', 'ghcr.io:443/acme/tool', false],
    ['ghcr.io/acme/*', 'ghcr.io.evil.com/acme/tool', false],
    ['ghcr.io/acme/**', 'ghcr.io/acme/team/tool', true],
    ['ghcr.io/acme/**', 'ghcr.io/acmex/tool', false],
    ['ghcr.io/a.b/tool', 'ghcr.io/a-b/tool', false],
    ['acme/*', 'evil.com/acme/tool', false],
    ['*/*', 'ghcr.io/acme/tool', false],
    ['127.0.0.1:5000/*', '127.0.0.1:5000/tool', true],
    ['127.0.0.1:5000/*', '127.0.0.1:5001/tool', false],
    ['tool:latest', 'tool', true],
  ])('%s for %s: %s', (pattern, text, wanted) => expect(allowed(pattern, text)).toBe(wanted));

  test.each([
    '',
    '*.io/acme/tool',
    'ghcr.*/tool',
    'ghcr.io:*/tool',
    'ghcr.io/**/tool',
    'ghcr.io/a**',
    'ghcr.io/***',
    'GHCR.io/tool',
    'ghcr.io/(a|b)',
    'ghcr.io/[a-z]',
    'tool@sha256:*',
    `tool:1@sha256:${hex}`,
    'https://ghcr.io/tool',
    'ghcr.io/tool ',
    `${'a'.repeat(600)}`,
  ])('%j is none, and says so', (pattern) => expect(() => parsePattern(pattern)).toThrow(/ops\.pull_images/));

  test('a name in full is a pattern for itself and for nothing of another registry or repository', () => {
    // Few as well, so that two are now and then the same, or all but.
    const part = fc.oneof(
      fc.constantFrom('a', 'b', 'a.b', 'a-b', 'aa'),
      fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?$/),
    );
    const names = fc
      .tuple(fc.constantFrom('', 'ghcr.io/', 'localhost:5000/'), fc.array(part, { minLength: 1, maxLength: 3 }), part)
      .map(([registry, parts, tag]) => image(`${registry}${parts.join('/')}:${tag}`));
    fc.assert(
      fc.property(names, names, (one, two) => {
        const pattern = parsePattern(showImage(one));
        expect(isListed(one, [pattern])).toBe(true);
        expect(isListed(two, [pattern])).toBe(showImage(one) === showImage(two));
      }),
      { numRuns: 2000 },
    );
  });

  test('of an image’s digests that one counts which its registry knows', () => {
    const digests = [`ghcr.io/acme/tool@sha256:${other}`, `tool@sha256:${hex}`];
    expect(digestFor(image('tool:1'), digests)).toBe(digests[1]);
    expect(digestFor(image('quay.io/tool:1'), digests)).toBeUndefined();
  });
});
