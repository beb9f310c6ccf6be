import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inferTextTypes } from './infer.ts';
import { castText, cellJson, parseTimestamp } from './values.ts';

const json = (type: Parameters<typeof castText>[0], text: string) => {
  const cell = castText(type, text);
  return cell === undefined ? undefined : cellJson(type, cell, text);
};

test('values come through JSON without loss', () => {
  expect(json('integer', '42')).toBe('42');
  expect(json('integer', '9007199254740993')).toBe('"9007199254740993"');
  expect(json('integer', '99999999999999999999')).toBeUndefined();
  expect(json('number', '1e400')).toBe('null');
  expect(json('number', 'NaN')).toBe('null');
  expect(json('number', '-0')).toBe('0');
  expect(json('number', '12345678901234567890.12')).toBe('"12345678901234567890.12"');
  expect(json('boolean', 'Yes')).toBe('true');
  expect(json('boolean', 'maybe')).toBeUndefined();
  expect(json('timestamp', '2024-02-29')).toBe('"2024-02-29"');
  expect(json('timestamp', '2023-02-29')).toBeUndefined();
  expect(json('timestamp', '2024-01-02 03:04:05.678+02:00')).toBe('"2024-01-02T01:04:05.678Z"');
  expect(json('json', '{"a":[1]}')).toBe('{"a":[1]}');
  expect(json('json', '{a}')).toBeUndefined();
  expect(json('string', 'a"b')).toBe('"a\\"b"');
});

test('a time without a zone is UTC, and years below 100 are not moved', () => {
  expect(parseTimestamp('1970-01-01T00:00')).toBe(0);
  expect(parseTimestamp('0001-01-01')).toBe(Date.parse('0001-01-01T00:00:00Z'));
  expect(parseTimestamp('1.2.2024')).toBeUndefined();
});

test('property: every day and time is that of the calendar', () => {
  const date = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  const minutes = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  fc.assert(
    fc.property(date, minutes, (at, offset) => {
      expect(parseTimestamp(at.toISOString())).toBe(at.getTime());
      const [hours, rest] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
        String(n).padStart(2, '0'),
      );
      const local = `${at.toISOString().slice(0, -1)}${offset < 0 ? '-' : '+'}${hours}:${rest}`;
      expect(parseTimestamp(local)).toBe(at.getTime() - offset * 60_000);
    }),
  );
  for (const year of ['0000', '0004', '0100', '1600', '1900', '2000', '2024', '2026', '9996']) {
    const last = new Date(Date.parse(`${year}-03-01T00:00:00Z`) - 86_400_000);
    expect(parseTimestamp(last.toISOString().slice(0, 10))).toBe(last.getTime());
    expect(parseTimestamp(`${year}-02-30`)).toBeUndefined();
    expect(parseTimestamp(`${year}-02-29`) !== undefined).toBe(last.getUTCDate() === 29);
  }
});

test('types are the narrowest that fit, and codes stay text', () => {
  const names = ['i', 'n', 'b', 't', 'zip', 'tel', 'mixed', 'none'];
  const rows = [
    ['1', '1', 'true', '2024-01-01', '00501', '+4930', '1', ''],
    ['-2', '2.5', 'FALSE', '2024-01-01T00:00:00Z', '10001', '+4940', 'true', ''],
  ];
  expect(inferTextTypes(names, rows).map(({ type }) => type)).toEqual([
    'integer',
    'number',
    'boolean',
    'timestamp',
    'string',
    'string',
    'string',
    'string',
  ]);
});
