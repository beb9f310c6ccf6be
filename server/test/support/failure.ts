import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Answer, Failure, TestServer } from './server.ts';

/** The answer is the envelope with this status and code, and says what to do next. Returns its inside. */
export function expectFailure(answer: Answer, status: number, code: string): Failure['error'] {
  expect({ status: answer.status, code: answer.body?.error?.code }).toEqual({ status, code });
  return expectEnvelope(answer.body, code);
}

/** The value is the envelope: nothing missing, nothing more. */
export function expectEnvelope(body: unknown, code: string): Failure['error'] {
  const { success, error, ...more } = body as Failure;
  expect(success).toBe(false);
  expect(more).toEqual({});
  const { details: _, ...known } = error;
  expect(known).toEqual({
    code,
    message: expect.stringMatching(/^\S.{9,}/),
    suggestion: expect.stringMatching(/^\S.{9,}/),
    retryable: expect.any(Boolean),
  });
  return error;
}

/** A hash of each table that a caller can change: equal ones mean that nothing changed. */
async function stateOf(server: TestServer): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  const tables = ['datasets', 'dataset_versions', 'dataset_indexes', 'uploads', 'idempotency_keys', 'tokens'];
  const rows = (table: string) => sql`select t::text as row from ${sql.id(table)} t`;
  // Scheduled jobs come and go by themselves.
  const jobs = sql`select t::text as row from jobs t where kind not in ('lake.reconcile', 'lake.sweep', 'system.retention')`;
  for (const [name, query] of [...tables.map((table) => [table, rows(table)] as const), ['jobs', jobs] as const]) {
    const answer = await sql<{ hash: string }>`
      select count(*) || ' ' || coalesce(md5(string_agg(row, '|' order by row)), '') as hash from (${query}) x
    `.execute(server.database.db);
    state[name] = answer.rows[0]?.hash ?? '';
  }
  return state;
}

/** Runs `work` and checks that no table changed over it. */
export async function changesNothing<T>(server: TestServer, work: () => Promise<T>): Promise<T> {
  const before = await stateOf(server);
  const result = await work();
  expect(await stateOf(server)).toEqual(before);
  return result;
}
