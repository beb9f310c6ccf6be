import { expect, test } from 'vitest';
import { lastAddress } from './networks.ts';

test.each([
  ['172.18.0.0/16', '172.18.255.254'],
  ['192.168.48.0/20', '192.168.63.254'],
  ['10.0.0.0/24', '10.0.0.254'],
  ['203.0.113.16/28', '203.0.113.30'],
])('of %s the last is %s', (subnet, last) => {
  expect(lastAddress(subnet)).toBe(last);
});
