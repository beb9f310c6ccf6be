import { describe, expect, test } from 'vitest';
import { addressKey, createRateLimiter, limitCalls } from './rate-limit.ts';

function limiter(more: { perMinute?: number; burst?: number; maxKeys?: number } = {}) {
  const clock = { at: 0 };
  return { clock, limit: createRateLimiter({ perMinute: 60, ...more, now: () => clock.at }) };
}
const takeMany = (limit: ReturnType<typeof createRateLimiter>, key: string, count: number) =>
  Array.from({ length: count }, () => limit.take(key));

describe('a token bucket', () => {
  test('gives twice its rate at once, then one at a time', () => {
    const { clock, limit } = limiter();
    expect(takeMany(limit, 'a', 120).every((wait) => wait === 0)).toBe(true);
    expect(limit.take('a')).toBe(1);
    clock.at = 999;
    expect(limit.take('a')).toBe(1);
    clock.at = 1000;
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 1]);
  });

  test('never holds more than its burst, however long the pause', () => {
    const { clock, limit } = limiter({ burst: 3 });
    takeMany(limit, 'a', 3);
    clock.at = 1e9;
    expect(takeMany(limit, 'a', 4)).toEqual([0, 0, 0, 1]);
  });

  test('says how long to wait at a slow rate, and keeps the word', () => {
    const { clock, limit } = limiter({ perMinute: 2, burst: 1 });
    limit.take('a');
    const wait = limit.take('a');
    expect(wait).toBe(30);
    clock.at = wait * 1000;
    expect(limit.take('a')).toBe(0);
  });

  test('is one for each caller, and asking takes nothing', () => {
    const { limit } = limiter({ burst: 1 });
    limit.take('a');
    expect([limit.wait('a'), limit.wait('b'), limit.wait('b'), limit.take('b')]).toEqual([1, 0, 0, 0]);
  });

  test('is forgotten when there are too many, the one that was quiet longest first', () => {
    const { limit } = limiter({ burst: 1, maxKeys: 100 });
    limit.take('kept');
    for (let index = 0; index < 10_000; index += 1) {
      limit.take(`${index}`);
      expect(limit.take('kept')).toBe(1);
    }
    expect(limit.size).toBe(100);
    expect(limit.wait('0')).toBe(0);
  });
});

test('calls over the rate are not made, and the error says when to come again', async () => {
  const calls: string[] = [];
  const { limit } = limiter({ burst: 1 });
  const invoke = limitCalls(async (name) => {
    calls.push(name);
    return {};
  }, limit);
  const as = (id: string) => ({ principal: { id, name: id, admin: false, scopes: new Set<string>() } });
  await invoke('one', {}, as('a'));
  await expect(invoke('two', {}, as('a'))).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    suggestion: expect.stringContaining('Wait 1 s'),
    details: { retry_after_s: 1 },
  });
  await invoke('three', {}, as('b'));
  expect(calls).toEqual(['one', 'three']);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['[2001:db8:1:2::1]:4711', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
  ['', 'unknown'],
  ['nonsense', 'unknown'],
])('the address %j counts as %s', (address, key) => expect(addressKey(address)).toBe(key));
