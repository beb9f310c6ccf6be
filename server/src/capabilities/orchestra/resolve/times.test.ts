import { expect, test } from 'vitest';
import { timeFields, windowOf } from './times.ts';

test('times are ISO 8601, in UTC where no zone is said', () => {
  for (const text of ['2025-04-01', '2025-04-01T00:00:00Z', '2025-04-01T00:00', '2025-04-01T02:00:00+02:00']) {
    expect(timeFields.time_from.safeParse(text).success).toBe(true);
    expect(windowOf({ time_from: text })).toEqual({ from: Date.UTC(2025, 3, 1) });
  }
  for (const text of [
    'yesterday',
    '',
    '2025',
    '2025-13-01',
    '1',
    '2025-04-01T25:00:00Z',
    `2025-04-01${'0'.repeat(50)}`,
  ]) {
    expect({ text, ok: timeFields.time_from.safeParse(text).success }).toEqual({ text, ok: false });
  }
});

test('a span that ends before it begins is refused, and none is none', () => {
  expect(windowOf({})).toEqual({});
  expect(() => windowOf({ time_from: '2025-04-02', time_to: '2025-04-01' })).toThrow(
    expect.objectContaining({ code: 'VALIDATION_FAILED' }),
  );
});
