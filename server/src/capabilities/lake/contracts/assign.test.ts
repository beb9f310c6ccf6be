import { expect, test } from 'vitest';
import { assign } from './assign.ts';

const which = (names: string[], key: string) => {
  const at = assign(
    names.map((name) => ({ name })),
    key,
  );
  return at === undefined ? undefined : names[at];
};

test('one schema object is about all objects', () => {
  expect(which(['anything'], 'raw/x.csv')).toBe('anything');
});

test.each([
  ['orders', 'orders.csv', true],
  ['orders', 'raw/orders.2026.csv.gz', true],
  ['orders', 'raw/orders/part-1.parquet', true],
  ['orders', 'orders/a/b.csv', true],
  ['orders', 'raw/old-orders.csv', false],
  ['orders', 'Orders.csv', false],
  ['raw/orders', 'raw/orders/1.csv', true],
  ['raw/orders.csv', 'raw/orders.csv', true],
  ['raw/orders-*.csv', 'raw/orders-1.csv', true],
  ['raw/orders-*.csv', 'raw/orders-1/x.csv', false],
  ['**/orders-?.csv', 'orders-1.csv', true],
  ['**/orders-?.csv', 'a/b/orders-1.csv', true],
  ['**/orders-?.csv', 'a/b/orders-12.csv', false],
  ['raw/**', 'raw/a/b', true],
  ['raw/**/b', 'raw/b', true],
  ['*a*a*a*', 'banana', true],
  ['*a*a*a*a', 'banana', false],
  ['.env', '.env', true],
])('%s and %s: %s', (pattern, key, wanted) => {
  expect(which([pattern, 'other'], key)).toBe(wanted ? pattern : undefined);
});

test('no pattern takes long', () => {
  const long = `${'a/'.repeat(300)}${'a'.repeat(400)}`;
  expect(which([`${'**/'.repeat(300)}${'*a'.repeat(300)}b`, 'other'], long)).toBeUndefined();
});
