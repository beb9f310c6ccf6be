import { expect, test } from 'vitest';
import { vectorText } from './store.ts';

const read = (text: string | null) => (text === null ? null : (JSON.parse(text) as number[]));

test('a vector keeps its direction whatever its length', () => {
  for (const scale of [1e-40, 1e-3, 1, 65_504, 8e37]) {
    const [x = 0, y = 0, z = 0] = read(vectorText(Float32Array.of(scale, -2 * scale, 2 * scale))) ?? [];
    expect(x).toBeCloseTo(1 / 3, 4);
    expect(y).toBeCloseTo(-2 / 3, 4);
    expect(z).toBeCloseTo(2 / 3, 4);
  }
});

test('what has no direction is no vector', () => {
  const odd = [[0, 0], [Number.NaN, 1], [Number.POSITIVE_INFINITY, 1], []];
  for (const values of odd) expect(vectorText(Float32Array.from(values))).toBeNull();
  expect(vectorText(null)).toBeNull();
});
