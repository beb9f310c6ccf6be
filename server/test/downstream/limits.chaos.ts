import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDownstreamBench, type DownstreamBench, failureOf, odd } from '../support/downstream/bench.ts';

let bench: DownstreamBench;
beforeAll(async () => {
  bench = await createDownstreamBench([
    odd('quick', { timeout_s: 1, max_timeout_s: 3 }),
    odd('other', { max_answer_mb: 1 }),
  ]);
});
afterAll(() => bench.close());

const call = (server: string, tool: string, args = {}, options = {}) =>
  bench.downstream.call(server, tool, args, options);

test('a tool that takes too long times out; the server, which answers others, stays', async () => {
  expect(await failureOf(call('quick', 'hang'))).toMatchObject({ kind: 'timeout', sent: true });
  expect(await call('quick', 'echo', { text: 'still here' })).toBe('still here');
  expect(bench.trace('quick').filter((line) => line === 'initialize')).toHaveLength(1);
});

test('progress gives a call its time anew, up to a maximum', async () => {
  const seen: (number | undefined)[] = [];
  const options = { onProgress: (fraction: number | undefined) => seen.push(fraction) };
  expect(await call('quick', 'progress', { steps: 4, ms: 500 }, options)).toBe('done');
  // The client may drop the last word of it, which comes with the answer.
  expect(seen.slice(0, 3)).toEqual([0.25, 0.5, 0.75]);
  expect(await failureOf(call('quick', 'progress', { steps: 100, ms: 500 }))).toMatchObject({ kind: 'timeout' });
});

test('an answer of 64 MB is one bad answer, and the others of that connection go on', async () => {
  const slow = call('other', 'slow', { ms: 400 }, { timeoutMs: 20_000 });
  expect(await failureOf(call('other', 'large', { bytes: 64 * 2 ** 20 }, { timeoutMs: 20_000 }))).toMatchObject({
    kind: 'bad_answer',
    message: expect.stringContaining('larger'),
  });
  expect(await slow).toBe(1);
  expect(bench.trace('other').filter((line) => line === 'initialize')).toHaveLength(1);
});
