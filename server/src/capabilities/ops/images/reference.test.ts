import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseImage, showImage } from './reference.ts';

const hex = 'ab'.repeat(32);
const full = (text: string) => {
  const image = parseImage(text);
  return image && showImage(image);
};

describe('an image’s name', () => {
  test.each([
    ['python', 'docker.io/library/python:latest'],
    ['python:3.12-slim', 'docker.io/library/python:3.12-slim'],
    ['acme/tool', 'docker.io/acme/tool:latest'],
    ['docker.io/python', 'docker.io/library/python:latest'],
    ['index.docker.io/library/python', 'docker.io/library/python:latest'],
    ['GHCR.io/acme/tool:V1', 'ghcr.io/acme/tool:V1'],
    ['localhost/tool', 'localhost/tool:latest'],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c:latest'],
    ['registry:5000/tool', 'registry:5000/tool:latest'],
    ['tool:5000', 'docker.io/library/tool:5000'],
    [`python@sha256:${hex}`, `docker.io/library/python@sha256:${hex}`],
    // Beside a digest the tag says nothing, as for the engine.
    [`python:3.12@sha256:${hex}`, `docker.io/library/python@sha256:${hex}`],
  ])('%s is %s', (text, wanted) => expect(full(text)).toBe(wanted));

  test.each([
    '',
    'Python',
    'acme/Tool',
    'ACME/tool',
    '../etc',
    'ghcr.io/../tool',
    'ghcr.io/acme//tool',
    '/tool',
    'tool/',
    'ghcr.io/',
    'tool:',
    'tool:-x',
    `tool:${'a'.repeat(129)}`,
    'tool@sha256:abc',
    `tool@sha512:${hex}`,
    `tool@sha256:${hex.toUpperCase()}`,
    `tool@sha256:${hex}@sha256:${hex}`,
    `sha256:${hex}x`.repeat(9),
    hex,
    'ghcr.io:0/tool',
    'ghcr.io:99999999/tool',
    'ghcr..io/tool',
    '-ghcr.io/tool',
    'user@ghcr.io/tool',
    'https://ghcr.io/tool',
    'ghcr.io/acme/tool?x',
    'ghcr.io/acme/tool#x',
    'ghcr.io/acme/to ol',
    'ghcr.io/acme/tool\n',
    'ghcr.io%2facme/tool',
    // Cyrillic а, full-width slash, dotless ı, a zero-width space.
    'ghcr.io/\u0430cme/tool',
    'ghcr.io\uff0facme',
    'GHCR.\u0130O/acme/tool',
    'ghcr.io/ac\u200bme/tool',
    'a'.repeat(256),
    `${'a/'.repeat(200)}a`,
  ])('%j is none', (text) => expect(parseImage(text)).toBeUndefined());

  test('its whole name means the same again, and only plain characters ever pass', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'B',
        '0',
        '.',
        '..',
        '-',
        '_',
        '__',
        '/',
        ':',
        '@',
        '*',
        '%2f',
        '\\',
        ' ',
        '\u0430',
        '5000',
        'docker.io',
        'localhost',
      ],
      `sha256:${hex}`,
    );
    const names = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
    );
    fc.assert(
      fc.property(names, (text) => {
        const image = parseImage(text);
        if (!image) return;
        const name = showImage(image);
        expect(parseImage(name)).toEqual(image);
        expect(text).toMatch(/^[A-Za-z0-9._:/@-]+$/);
        expect(image.registry).toBe(image.registry.toLowerCase());
        expect(name.split('/')).not.toContain('..');
        expect((image.tag === undefined) !== (image.digest === undefined)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
