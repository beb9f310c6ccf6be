import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent, traceContextOf } from './trace-context.ts';

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length / 2, maxLength: length / 2 })
    .map((bytes) => Buffer.from(bytes).toString('hex'))
    .filter((text) => !/^0+$/.test(text));

const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a traceparent', () => {
  test('that was written is read again', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        expect(parseTraceparent(formatTraceparent({ traceId, spanId, sampled }))).toEqual({ traceId, spanId, sampled });
      }),
    );
  });

  test('is sampled by the last bit of its flags', () => {
    expect(['00', '01', '02', '03', 'ff'].map((flags) => parseTraceparent(good.slice(0, -2) + flags)?.sampled)).toEqual(
      [false, true, false, true, true],
    );
  });

  test('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`cc${good.slice(2)}-what-will-be`)?.sampled).toBe(true);
    expect(parseTraceparent(`cc${good.slice(2)}.what`)).toBeUndefined();
  });

  test.each([
    '',
    good.slice(1),
    `${good} `,
    `${good}-`,
    `ff${good.slice(2)}`,
    good.toUpperCase(),
    good.replace(/[1-9a-f]/g, '0'),
    `cc${good.slice(2)}-${'x'.repeat(1_000_000)}`,
  ])('%.60s is none', (text) => expect(parseTraceparent(text)).toBeUndefined());
});

test('what a caller sends is taken as far as it is by the rules', () => {
  expect(traceContextOf(good, 'a=b')).toEqual({ traceparent: good, tracestate: 'a=b' });
  for (const state of [undefined, null, '', 7, {}, 'x'.repeat(513)]) {
    expect(traceContextOf(good, state)).toEqual({ traceparent: good });
  }
  for (const parent of [undefined, null, 7, {}, [good], 'none']) expect(traceContextOf(parent, 'a=b')).toBeUndefined();
});
