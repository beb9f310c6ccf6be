import { randomUUID } from 'node:crypto';
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
let bench: DownstreamBench;
beforeAll(async () => {
  bench = await createDownstreamBench([
    odd('one', { timeout_s: 20, max_timeout_s: 20 }, marker),
    odd('few', { concurrency: 3 }),
    odd('other'),
    { name: 'nowhere', command: 'tutti-no-such-program' },
    odd('silent', { connect_timeout_s: 1 }, 'silent', `${marker}-silent`),
  ]);
});
afterAll(() => bench.close());

const call = (server: string, tool: string, args = {}, options = {}) =>
  bench.downstream.call(server, tool, args, options);

test('many callers at once have one process, which was started once', async () => {
  const calls = Array.from({ length: 20 }, (_, n) => call('one', 'echo', { text: `n ${n}` }));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, n) => `n ${n}`));
  expect(bench.trace('one').filter((line) => line === 'initialize')).toHaveLength(1);
  expect(bench.downstream.status().find(({ name }) => name === 'one')).toMatchObject({
    state: 'connected',
    active: 0,
    waiting: 0,
  });
});

test('an answer is its structure, a list out of its wrapping, JSON of its text, or the text', async () => {
  expect(await call('one', 'number', { n: 3 })).toEqual({ n: 3 });
  expect(await call('one', 'list')).toEqual([1, 2]);
  expect(await call('one', 'json', { value: { a: [1] } })).toEqual({ a: [1] });
  expect(await call('one', 'echo', { text: 'words' })).toBe('words');
});

test('what a tool calls a failure is one of the tool, and its words are told', async () => {
  expect(await failureOf(call('one', 'fail'))).toMatchObject({
    kind: 'tool_error',
    sent: true,
    message: 'no such mailbox',
  });
});

test('an answer that misses its schema, or its structure, is a bad one', async () => {
  expect(await failureOf(call('one', 'number', { n: 'x' }))).toMatchObject({
    kind: 'bad_answer',
    sent: true,
    message: expect.stringContaining('must be number'),
  });
  expect(await failureOf(call('one', 'unstructured'))).toMatchObject({ kind: 'bad_answer', sent: true });
  expect(await failureOf(call('one', 'no_result'))).toMatchObject({ kind: 'bad_answer', sent: true });
});

test('an answer that is nested beyond all measure is a bad one', async () => {
  expect(await failureOf(call('one', 'deep'))).toMatchObject({ kind: 'bad_answer', sent: true });
  expect(await call('one', 'echo', { text: 'x' })).toBe('x');
});

test('a tool that is not there is told with those that are near', async () => {
  const failure = await failureOf(call('one', 'ecko', { text: 'x' }));
  expect(failure).toMatchObject({ kind: 'no_tool', sent: false, suggestion: expect.stringContaining('"echo"') });
});

test('a server that nobody declared is not found', async () => {
  await expect(call('unheard', 'echo')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('more callers than places wait for their turn, so a slow server is asked no more than it may', async () => {
  const slow = Array.from({ length: 10 }, () => call('few', 'slow', { ms: 60 }));
  await until(() => bench.downstream.status().find(({ name }) => name === 'few')?.waiting === 7);
  const most = await Promise.all(slow);
  expect(Math.max(...most.map(Number))).toBe(3);
});

test('a caller who gives up while waiting has sent nothing; one who gives up later tells the server', async () => {
  const giveUp = new AbortController();
  const busy = Array.from({ length: 3 }, () => call('few', 'slow', { ms: 300 }));
  const waiting = call('few', 'echo', { text: 'x' }, { signal: giveUp.signal });
  const under = new AbortController();
  let sent = false;
  const running = call('one', 'hang', {}, { signal: under.signal, onSend: () => (sent = true) });
  await until(() => bench.trace('one').some((line) => line.startsWith('call hang')));
  giveUp.abort();
  under.abort();
  expect(await failureOf(waiting)).toMatchObject({ kind: 'canceled', sent: false });
  expect(await failureOf(running)).toMatchObject({ kind: 'canceled', sent: true });
  expect(sent).toBe(true);
  const [, , id] =
    bench
      .trace('one')
      .find((line) => line.startsWith('call hang'))
      ?.split(' ') ?? [];
  await until(() => bench.trace('one').includes(`cancelled ${id}`));
  await Promise.all(busy);
});

test.each(['broken_json', 'wrong_id'])(
  '%s is a bad answer at once; the next call has a new connection',
  async (tool) => {
    const before = bench.trace('one').filter((line) => line === 'initialize').length;
    expect(await failureOf(call('one', tool))).toMatchObject({ kind: 'bad_answer', sent: true });
    expect(await call('one', 'echo', { text: 'again' })).toBe('again');
    expect(bench.trace('one').filter((line) => line === 'initialize')).toHaveLength(before + 1);
  },
);

test('a word on stdout harms nobody; when nothing else comes it was the bad answer', async () => {
  expect(await call('one', 'noisy_echo', { text: 'x' })).toBe('x');
  expect(await failureOf(call('other', 'not_json', {}, { timeoutMs: 300 }))).toMatchObject({
    kind: 'bad_answer',
    sent: true,
  });
  expect(await call('other', 'echo', { text: 'x' })).toBe('x');
});

test('tools that change are noticed, those that went are no more, and a word about nothing changes nothing', async () => {
  await call('few', 'announce');
  expect((await bench.downstream.tools('few')).map(({ name }) => name)).toContain('list');
  await call('few', 'drop', { name: 'list' });
  await until(async () => !(await bench.downstream.tools('few')).some(({ name }) => name === 'list'));
  expect(await failureOf(call('few', 'list'))).toMatchObject({ kind: 'no_tool', sent: false });
  await call('few', 'drop_silently', { name: 'number' });
  expect(await failureOf(call('few', 'number', { n: 1 }))).toMatchObject({ kind: 'no_tool' });
});

test('tools are kept for the next process, which need not start the server to know them', async () => {
  await call('one', 'echo', { text: 'x' });
  const next = bench.another();
  await next.start();
  expect((await next.tools('one')).map(({ name }) => name)).toContain('echo');
  expect(next.status().find(({ name }) => name === 'one')?.state).toBe('idle');
  expect(next.isIdempotent('one', 'echo')).toBe(true);
  expect(next.isIdempotent('one', 'slow')).toBe(true);
  expect(next.isIdempotent('one', 'number')).toBe(false);
  expect(next.isIdempotent('nobody', 'echo')).toBe(false);
});

test('a program that is not there, and one that never initialises, are unreachable, and nothing was sent', async () => {
  expect(await failureOf(call('nowhere', 'x'))).toMatchObject({ kind: 'unreachable', sent: false });
  expect(await failureOf(call('silent', 'echo'))).toMatchObject({ kind: 'timeout', sent: false });
  await until(() => processesWith(`${marker}-silent`).length === 0);
  expect(bench.downstream.status().find(({ name }) => name === 'silent')?.state).toBe('down');
});

test('each call was measured by its outcome', () => {
  for (const outcome of ['one ok', 'one tool_error', 'one bad_answer', 'one canceled', 'nowhere unreachable']) {
    expect(bench.outcomes).toContain(outcome);
  }
});
