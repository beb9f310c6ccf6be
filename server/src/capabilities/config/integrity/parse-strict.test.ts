import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../core/canonical.ts';
import { parseStrict, strictValue } from './parse-strict.ts';

/** Values that pass the gate: whole characters, finite numbers, no minus zero, no name that is refused. */
const strict = fc
  .jsonValue({ maxDepth: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  .filter((value) => {
    const text = JSON.stringify(value);
    return !/"(__proto__|constructor|prototype)":/.test(text) && isWhole(value);
  });

function isWhole(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWhole(member));
}

describe('strict JSON', () => {
  test('canonicalisation equals a second implementation on generated input', () => {
    fc.assert(
      fc.property(strict, (value) => {
        const read = parseStrict(JSON.stringify(value));
        expect(read).toEqual(value);
        expect(canonicalJson(read)).toBe(canonicalize(read));
      }),
      { numRuns: 500 },
    );
  });

  test('canonicalisation equals a second implementation on numbers', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });

  test('a canonical text is read back to itself', () => {
    fc.assert(
      fc.property(strict, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseStrict(Buffer.from(text)))).toBe(text);
      }),
    );
  });

  test.each([
    ['a name twice', '{"a":1,"b":{"x":1,"x":2}}', '/b/x', 'stands there twice'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}', '/a', 'stands there twice'],
    ['half of a surrogate pair', '["\\ud800"]', '/0', 'has half of a surrogate pair'],
    ['half of a surrogate pair in a name', '{"\\udc00":1}', '/', 'has half of a surrogate pair'],
    ['an integer beyond 2^53', '[1,[0,9007199254740993]]', '/1/1', 'is an integer beyond 2^53'],
    ['an integer beyond 2^53 as a power', '1e300', '', 'is an integer beyond 2^53'],
    ['a number beyond all', '{"n":1e400}', '/n', 'is beyond all numbers'],
    ['minus zero', '[-0]', '/0', 'is minus zero'],
    ['text after the value', '{} {}', '', 'is no JSON'],
    ['a comment', '{/* */}', '', 'is no JSON'],
    ['a byte order mark', '\ufeff{}', '', 'is no JSON'],
    ['nothing', '', '', 'is no JSON'],
  ])('%s is refused', (_name, text, pointer, problem) => {
    expect(() => parseStrict(text)).toThrow(
      expect.objectContaining({ code: 'NOT_STRICT_JSON', details: { pointer, problem } }),
    );
  });

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => parseStrict(Buffer.from([0x22, 0xff, 0x22]))).toThrow(/is no UTF-8/);
  });

  test('brackets and commas within texts are no structure', () => {
    const value = { 'a,"b': ['{', '\\', '}"', { ']': '-0' }] };
    expect(parseStrict(JSON.stringify(value))).toEqual(value);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -0.5 / 0])('%s is refused as a value', (value) => {
    expect(() => strictValue({ deep: [value] })).toThrow(expect.objectContaining({ code: 'NOT_STRICT_JSON' }));
  });

  test('a copy shares nothing with what it was made of', () => {
    const given = { list: [1] };
    const copy = strictValue(given);
    given.list.push(2);
    expect(copy).toEqual({ list: [1] });
  });
});

describe('attacks on what is parsed', () => {
  test('endless data: the size is looked at first, and nesting ends at a depth', () => {
    expect(() => parseStrict('x'.repeat(200), { bytes: 100, depth: 64 })).toThrow(/larger than 100 bytes/);
    expect(() => parseStrict('["éé"]', { bytes: 7, depth: 64 })).toThrow(/larger than 7 bytes/);
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parseStrict(nested(64))).not.toThrow();
    expect(() => parseStrict(nested(65))).toThrow(/nested deeper than 64/);
    expect(() => parseStrict(nested(500_000))).toThrow(/nested deeper than 64/);
  });

  test.each(['__proto__', 'constructor', 'prototype', '__pr\\u006fto__'])(
    'prototype pollution: the name %s is refused at every depth',
    (name) => {
      const text = `{"a":[{"${name}":{"polluted":true}}]}`;
      expect(() => parseStrict(text)).toThrow(/is a name that is refused everywhere/);
      expect(() => strictValue(JSON.parse(text))).toThrow(/is a name that is refused everywhere/);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  test('prototype pollution: such a word as a value is only a word', () => {
    expect(parseStrict('["__proto__"]')).toEqual(['__proto__']);
  });
});
