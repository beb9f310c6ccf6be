import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { ContractRule } from '../engine/contract/rules.ts';
import { createTestPool } from '../engine/fixtures.ts';
import { runSqlRules } from './sql-rules.ts';

const queries = createTestPool({ size: 1 });
afterAll(() => queries.close());

const rule = (id: string, query: string): ContractRule => ({
  id,
  group: 0,
  severity: 'error',
  check: { kind: 'sql', query },
  compare: { operator: 'mustBe', to: 1 },
});

/** Kills the process in which a query runs, and waits until it is gone. */
async function killChild(): Promise<number> {
  for (;;) {
    const [pid] = queries.pids();
    // Long enough to have begun with the query.
    await sleep(500);
    if (pid === undefined || queries.pids()[0] !== pid) continue;
    process.kill(pid, 'SIGKILL');
    while (queries.pids().includes(pid)) await sleep(10);
    return pid;
  }
}

test('a query that brings its process down twice is a rule that failed, and the next one is checked', async () => {
  const running = runSqlRules(
    [{ name: 'things', tables: [] }],
    [rule('deadly', 'SELECT sleep_ms(60000)'), rule('good', 'SELECT 1'), rule('wrong', 'SELECT 1 +')],
    queries,
    {},
  );
  expect(await killChild()).not.toBe(await killChild());
  expect(await running).toEqual([
    { rule: 'deadly', status: 'failed', reason: 'the query took more time or memory than it may' },
    { rule: 'good', status: 'passed', value: 1 },
    expect.objectContaining({ rule: 'wrong', status: 'failed', reason: 'the query failed' }),
  ]);
});

test('whoever stops waiting ends the query', async () => {
  const gone = new AbortController();
  const running = runSqlRules([{ name: 'things', tables: [] }], [rule('endless', 'SELECT sleep_ms(60000)')], queries, {
    signal: gone.signal,
  });
  gone.abort();
  await expect(running).rejects.toMatchObject({ code: 'CANCELED' });
});
