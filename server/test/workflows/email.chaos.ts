import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMailbox } from '../../../examples/email/services/mailbox.ts';
import { emailExample, emailSettings } from '../../src/tour/email.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { holdCommits } from '../support/held-commits.ts';
import { type Kill, killAtEach, killsOf, killsTimeout } from '../support/kill-runs.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { playedSteps, startTour } from '../support/tour-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const archive = path.join(emailExample, 'mail/inbox.mbox');
const base = makeTempDir('email');
const [dataDir, mail, config, outOfOrder] = ['data', 'mail', 'tutti.yaml', 'out-of-order'].map((name) =>
  path.join(base, name),
) as [string, string, string, string];
let database: TestDatabase;
let server: ServeProcess;
let logs = '';

beforeAll(async () => {
  mkdirSync(dataDir, { mode: 0o711 });
  // Two mails are enough for every state: one that is urgent, and one that is not.
  const mbox = readFileSync(archive, 'latin1').split(/(?=^From desk@)/m);
  writeFileSync(mail, mbox.filter((one) => /cooling-hall-3|lost-and-found/.test(one)).join(''));
  writeFileSync(config, emailSettings({ mail, outOfOrder }));
  database = await createTestDatabase();
  server = await start();
  const definition = readFileSync(path.join(emailExample, 'email-triage.yaml'), 'utf8');
  await ok('put_workflow', { definition });
});
afterAll(async () => {
  await server?.kill();
  await database?.close();
  rmSync(base, { recursive: true, force: true });
});

const start = () =>
  serveProcess(dataDir, [
    '--database-url',
    database.url,
    '--config',
    config,
    '--log-level',
    'debug',
    '--limits-calls-per-minute',
    '1000000',
  ]);

async function ok(name: string, input: unknown): Promise<Body> {
  const { status, body } = await server.call(name, input);
  expect({ name, status, body: status === 200 || body }).toEqual({ name, status: 200, body: true });
  return body;
}

async function end(run_id: string): Promise<Body> {
  for (;;) {
    const run = await ok('get_workflow_run', { run_id, wait_s: 5 });
    if (run.ended_at) return run;
  }
}

async function kill(): Promise<void> {
  await server.kill();
  logs += server.output();
}

/** What the services make of the mails, in their working directories. */
const made = ['tasks/tasks', 'tasks/maildir/on-duty/new', 'cache/cache'];
const filesOf = (folder: string) => readdirSync(path.join(`${dataDir}-servers`, folder));

/** Each state that stands, how it ended and what came after it, in the order of their paths. */
async function historyOf(run_id: string): Promise<string[]> {
  const { states, next_page } = await ok('get_workflow_run', { run_id, page_size: 100 });
  expect(next_page).toBeUndefined();
  return states.map(({ path: at, status, next }: Body) => `${at} ${status} ${next}`).sort();
}

test(
  'killed at any commit of its run, the pipeline comes to the same end, and nobody is told twice',
  async () => {
    const commits = await holdCommits(database);
    const { run_id } = await ok('run_pipeline', { wait_s: 0 });
    const whole = await end(run_id);
    expect(whole).toMatchObject({
      status: 'succeeded',
      summary: '2 of 2 emails processed, 1 of them urgent',
      output: { emails: 2, failed: 0, categories: { urgent: 1, other: 1 } },
    });
    const { status, summary, output, counts } = whole;
    const history = await historyOf(run_id);
    const kills = await killsOf(commits, run_id);
    const done = await killAtEach(kills, commits, {
      database,
      begin: () => server.call('run_pipeline', { wait_s: 0 }),
      kill,
      start: async () => {
        server = await start();
      },
      async check(id, at) {
        expect({ at, ...(await end(id)) }).toMatchObject({ at, status, summary, output, counts });
        expect({ at, history: await historyOf(id) }).toEqual({ at, history });
      },
    });
    await commits.close();
    expect(made.map((folder) => filesOf(folder).length)).toEqual([1, 1, 2]);
    // Each state, and what else there is of a run, was met.
    const met = (all: readonly Kill[]) => [...new Set(all.map(({ what, how }) => `${what} ${how}`))].sort();
    expect(met(done)).toEqual(met(kills));
  },
  killsTimeout,
);

test('no word of a mail is in the database, the objects, the data directory or the log', async () => {
  cpSync(archive, mail);
  writeFileSync(outOfOrder, 'outage-payments\n');
  const { run_id } = await end((await ok('run_pipeline', { wait_s: 0 })).run_id);
  rmSync(outOfOrder);
  expect(await end((await ok('redrive_workflow_run', { run_id })).run_id)).toMatchObject({ status: 'succeeded' });
  // The owner sees them, so they are there.
  const { states } = await ok('get_workflow_run', {
    run_id,
    include_data: true,
    include_sensitive: true,
    page_size: 100,
  });
  expect(JSON.stringify(states)).toContain('Temperature is 9 degrees');
  expect(JSON.stringify(await ok('get_workflow_run', { run_id, include_data: true, page_size: 100 }))).not.toContain(
    'degrees',
  );

  const lines = readMailbox(archive).flatMap(({ subject, body }) => [subject, ...body.split('\n')]);
  const phrases = lines.map((line) => line.trim()).filter((line) => line.length > 12);
  expect(phrases.length).toBeGreaterThan(30);
  const places = [...(await rowsOf(database)), ...filesBelow(dataDir), logs + server.output()];
  const written = (phrase: string) => JSON.stringify(phrase).slice(1, -1);
  for (const place of places) {
    for (const phrase of phrases) {
      for (const form of [phrase, written(phrase), Buffer.from(phrase).toString('hex')]) {
        if (place.includes(form)) throw new Error(`"${phrase}" stands in: ${place.slice(0, 200)}`);
      }
    }
  }
});

/** Every row of every table, as text. */
async function rowsOf({ db }: TestDatabase): Promise<string[]> {
  const tables = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(db);
  const texts = await Promise.all(
    tables.rows.map(({ name }) => sql<{ text: string }>`select t::text as text from ${sql.raw(name)} as t`.execute(db)),
  );
  const all = texts.flatMap(({ rows }) => rows.map(({ text }) => text));
  expect(all.some((row) => row.includes('Classify'))).toBe(true);
  return all;
}

function filesBelow(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true }).map((file) => path.join(directory, String(file)));
  return files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'latin1'));
}

test('act four of the tour: partial while a service is out of order, then redriven to the end', async () => {
  const temporary = makeTempDir('email-tour');
  const { ended, output } = startTour(temporary, '--act', '4');
  expect(await ended, output()).toBe(0);
  const [, four = ''] = output().split(/^Act 4: /m);
  expect(playedSteps(four)).toEqual([
    ...['list_downstream_servers', 'put_workflow', 'run_pipeline', 'get_workflow_run', 'redrive_workflow_run'],
    'get_workflow_run',
  ]);
  expect(four).toContain('partial: 11 of 12 emails processed, 2 of them urgent');
  expect(four).toContain('succeeded: 12 of 12 emails processed, 3 of them urgent');
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(temporary, { recursive: true });
});
