import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createDownstreamBench,
  type DownstreamBench,
  failureOf,
  odd,
  processesWith,
  until,
} from '../support/downstream/bench.ts';

const marker = `odd-${randomUUID()}`;
const breakerMs = 400;
/** A timer may fire a moment before its time. */
const restedMs = breakerMs + 50;
const late = [0, 1, 2, 3, 4, 5];
let bench: DownstreamBench;
beforeAll(async () => {
  bench = await createDownstreamBench(
    [
      odd('mortal', {}, marker),
      odd('breaking'),
      odd('frozen', {}, `${marker}-frozen`),
      odd('resting', {}, `${marker}-resting`),
      odd('fine'),
      ...late.map((n) => odd(`late-${n}`, { connect_timeout_s: 6 }, 'silent', `${marker}-late-${n}`)),
    ],
    { breakerMs, examineMs: 300 },
  );
});
afterAll(() => bench.close());

const call = (server: string, tool: string, args = {}, options = {}) =>
  bench.downstream.call(server, tool, args, options);
const starts = (server: string) => bench.trace(server).filter((line) => line === 'initialize').length;
const stateOf = (name: string) => bench.downstream.status().find((one) => one.name === name)?.state;

test('a server that is killed in the middle of calls fails those alone, and the next one has a new process', async () => {
  const calls = Array.from({ length: 4 }, () => failureOf(call('mortal', 'hang')));
  await until(() => bench.trace('mortal').filter((line) => line.startsWith('call hang')).length === 4);
  for (const pid of processesWith(marker)) process.kill(pid, 'SIGKILL');
  for (const failure of await Promise.all(calls))
    expect(failure).toMatchObject({ kind: 'closed_in_flight', sent: true });
  // One death of one process is one fault, however many calls it took along: the breaker stays closed.
  expect(await call('mortal', 'echo', { text: 'reborn' })).toBe('reborn');
  expect(starts('mortal')).toBe(2);
});

test('after three faults in a row nobody asks it; then one tries, and when that succeeds all do', async () => {
  for (let n = 0; n < 3; n += 1) {
    expect(await failureOf(call('breaking', 'die'))).toMatchObject({ kind: 'closed_in_flight', sent: true });
  }
  expect(stateOf('breaking')).toBe('breaker_open');
  expect(await failureOf(call('breaking', 'echo', { text: 'x' }))).toMatchObject({ kind: 'breaker_open', sent: false });
  expect(await call('fine', 'echo', { text: 'x' })).toBe('x');
  const before = starts('breaking');
  await sleep(restedMs);
  expect(await failureOf(call('breaking', 'die'))).toMatchObject({ kind: 'closed_in_flight' });
  expect(await failureOf(call('breaking', 'echo', { text: 'x' }))).toMatchObject({ kind: 'breaker_open' });
  await sleep(restedMs);
  const probe = call('breaking', 'slow', { ms: 200 });
  const others = Array.from({ length: 5 }, () => call('breaking', 'echo', { text: 'back' }));
  expect(await Promise.all([probe, ...others])).toEqual([1, 'back', 'back', 'back', 'back', 'back']);
  expect(starts('breaking')).toBe(before + 2);
  expect(stateOf('breaking')).toBe('connected');
});

test('one who gives up need not wait for the call that tries a broken server out', async () => {
  for (let n = 0; n < 3; n += 1) await failureOf(call('breaking', 'die'));
  await sleep(restedMs);
  const probe = call('breaking', 'slow', { ms: 500 });
  const giveUp = new AbortController();
  const waiting = failureOf(bench.downstream.call('breaking', 'echo', { text: 'x' }, { signal: giveUp.signal }));
  giveUp.abort();
  expect(await waiting).toMatchObject({ kind: 'canceled', sent: false });
  expect(await probe).toBe(1);
});

test('a server that answers nothing any more, not even a ping, is ended, and a new one takes its place', async () => {
  expect(await call('frozen', 'echo', { text: 'x' })).toBe('x');
  const [frozen] = processesWith(`${marker}-frozen`);
  expect(await failureOf(call('frozen', 'freeze', {}, { timeoutMs: 500 }))).toMatchObject({
    kind: 'timeout',
    sent: true,
  });
  await until(() => !processesWith(`${marker}-frozen`).includes(frozen as number));
  expect(await call('frozen', 'echo', { text: 'y' })).toBe('y');
});

test('one that dies at rest is noticed, and the next call starts it', async () => {
  await call('resting', 'echo', { text: 'x' });
  for (const pid of processesWith(`${marker}-resting`)) process.kill(pid, 'SIGKILL');
  await until(() => stateOf('resting') !== 'connected');
  expect(await call('resting', 'echo', { text: 'y' })).toBe('y');
});

test('no more than four servers start at once', async () => {
  let ended = false;
  const calls = Promise.all(late.map((n) => failureOf(call(`late-${n}`, 'echo')))).finally(() => {
    ended = true;
  });
  let most = 0;
  await until(() => {
    most = Math.max(most, late.filter((n) => processesWith(`${marker}-late-${n}`).length > 0).length);
    return ended;
  });
  expect(most).toBe(4);
  for (const failure of await calls) expect(failure).toMatchObject({ kind: 'timeout', sent: false });
});
