import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uuidOf } from '../../../examples/orchestra-simulator/ids.ts';
import type { Simulator } from '../../../examples/orchestra-simulator/server.ts';
import { secretForms } from '../../src/core/redact.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { newestRun, simulated } from '../support/orchestra.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// Whatever Orchestra answers, each tool answers or fails in our words, and the key is nowhere but where it was set.

const key = 'orchestra-key-9f1c52aa70b64e';
let simulator: Simulator;
let database: TestDatabase;
let server: ServeProcess;
let calls: readonly (readonly [string, Record<string, unknown>])[];
const dataDir = makeTempDir('orchestra-fuzz');

beforeAll(async () => {
  simulator = await simulated({ key });
  database = await createTestDatabase();
  const flags = ['--database-url', database.url, '--orchestra-backoff-ms', '1', '--orchestra-allow-writes'];
  server = await serveProcess(dataDir, [...flags, '--log-level', 'debug', '--egress-allow', '127.0.0.1'], {
    env: { ORCHESTRA_API_KEY: key, ORCHESTRA_API_BASE_URL: simulator.url },
  });
  calls = callsOf(simulator);
});
afterAll(async () => {
  await server.stop();
  await database.close();
});

/** A call of every tool that asks Orchestra for something, about what is there. */
function callsOf(at: Simulator): typeof calls {
  const pipeline_run_id = newestRun(at, 'awkward_files');
  const of = (task: string) => ({ pipeline_run_id, task_run_id: uuidOf(`task/${pipeline_run_id}/${task}/1`) });
  return [
    ['list_pipeline_runs', { limit: 120 }],
    ['get_pipeline_run_status', { pipeline_run_id }],
    ['get_pipeline_run_details', { pipeline_run_id }],
    ['list_task_runs', { pipeline_run_id }],
    ['get_task_run_artifacts', of('artifacts')],
    ['download_task_artifact', { ...of('artifacts'), filename: 'plots/result.json' }],
    ['get_task_run_logs', of('messy')],
    ['list_task_operations', of('messy')],
    ['list_orchestra_pipelines', {}],
    ['diagnose_pipeline_run', { pipeline_run_id }],
    ['diagnose_pipeline_run', { pipeline_run_id: 'nightly_orders' }],
    ['diagnose_pipeline_run', { pipeline_run_id: pipeline_run_id.slice(0, 8) }],
    ['whats_broken', {}],
    ['watch_pipeline_run', { pipeline_run_id }],
    ['trigger_pipeline', { pipeline_id: 'matrix', cause: 'fuzz' }],
    ['retry_pipeline_run', { pipeline_run_id: newestRun(at, 'grouped') }],
    ['cancel_pipeline_run', { pipeline_run_id: newestRun(at, 'still_running') }],
    ['list_orchestra_starts', {}],
  ];
}

const outcomes = new Map<string, number>();

async function call([name, input]: (typeof calls)[number], under: string): Promise<void> {
  const { status, body } = await server.call(name, input);
  const text = JSON.stringify(body);
  const { code } = (body.error ?? { code: 'answered' }) as { code: string };
  expect(code, `${name} under ${under}: ${text.slice(0, 500)}`).toMatch(
    /^(answered|ORCHESTRA_[A-Z_]+|VALIDATION_FAILED|NOT_FOUND|CONFLICT|IN_DOUBT)$/,
  );
  expect((status === 200) === (code === 'answered')).toBe(true);
  for (const form of secretForms(key)) expect(text.includes(form), `${name} under ${under} tells the key`).toBe(false);
  outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
}

test('answers that miss parts, have null, more, other types or huge texts never crash a tool', async () => {
  for (let seed = 1; seed <= 12 * calls.length; seed += 1) {
    simulator.faults.clear();
    simulator.faults.add(`fuzz=${seed}`, 1000);
    await call(calls[seed % calls.length] as (typeof calls)[number], `fuzz=${seed}`);
  }
  // Both happen, else nothing was tried.
  expect(outcomes.get('answered')).toBeGreaterThan(50);
  expect(outcomes.get('ORCHESTRA_BAD_ANSWER')).toBeGreaterThan(5);
});

test.each([
  'huge',
  'not-json',
  'cut',
  'reset',
  '500',
  '403,enterprise',
  '429',
  `401,says=the key ${key} is not known`,
  `422,says=Bearer ${key} and ${encodeURIComponent(key)}`,
  `404,says=${Buffer.from(key).toString('base64')}`,
])('%s in place of each answer is told in our words', async (fault) => {
  for (const one of calls) {
    simulator.faults.clear();
    simulator.faults.add(fault, 1000);
    await call(one, fault);
  }
});

test('a key that comes back in names, messages and logs goes no further', async () => {
  simulator.faults.clear();
  for (const alias of ['awkward_files', 'nightly_orders', 'grouped']) echoKey(alias);
  for (const one of calls) await call(one, 'echo');
  const { body } = await server.call('diagnose_pipeline_run', {
    pipeline_run_id: newestRun(simulator, 'awkward_files'),
  });
  expect(JSON.stringify(body)).toContain('[redacted]');
});

/** Lets a run tell the key wherever a text of it is answered. */
function echoKey(alias: string): void {
  const run = simulator.state.runs().find(({ pipeline }) => pipeline.alias === alias);
  if (!run) throw new Error(`no run of ${alias}`);
  const said = `Authorization: Bearer ${key}`;
  Object.assign(run.plan, {
    exact: { message: said, branch: key, commit: said, gitLink: `https://git.example/?k=${key}` },
  });
  for (const { task, outcome } of run.slots) {
    Object.assign(task, { name: `task ${key}`, parameters: { header: said, list: [{ deep: key }] } });
    Object.assign(outcome, {
      message: said,
      externalMessage: `ERROR: ${said}`,
      externalStatus: key,
      operations: [{ name: key, type: 'TEST', status: 'FAILED', message: said }],
      logs: [{ name: '1/run', body: `begin\nERROR: ${said}\n` }],
      artifacts: [{ name: 'plots/result.json', body: said }],
    });
  }
}

test('the key stands in no table, no file and no log, and nothing failed inside', async () => {
  const { rows } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(database.db);
  expect(rows.length).toBeGreaterThan(40);
  for (const { name } of rows) {
    for (const form of secretForms(key)) {
      const hits = await sql`select 1 from ${sql.raw(name)} as t where strpos(t::text, ${form}) > 0 limit 1`.execute(
        database.db,
      );
      expect(hits.rows, `${name} has the key`).toEqual([]);
    }
  }
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) expect(readFileSync(path.join(parentPath, name)).includes(key)).toBe(false);
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } });
  expect([metrics.status, (await metrics.text()).includes(key)]).toEqual([200, false]);
  const log = server.output();
  expect(log).toContain('"tool":"diagnose_pipeline_run"');
  for (const form of secretForms(key)) expect(log.includes(form)).toBe(false);
  expect(log.split('\n').filter((line) => /misses its schema|a tool failed/.test(line))).toEqual([]);
});
