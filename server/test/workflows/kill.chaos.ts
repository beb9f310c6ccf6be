import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { holdCommits } from '../support/held-commits.ts';
import { killAtEach, killsOf, killsTimeout } from '../support/kill-runs.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';
import { workflowDocument } from '../support/workflows.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** Kills, spread over all commits of a run; with CHAOS_ROUNDS, every commit has its own. */
const sample = 24;
/** Runs that were killed while a call that must not be made twice was noted as sent. */
let doubtful = new Set<string>();

let tools: ToolServer;
let database: TestDatabase;
let dataDir: string;
let server: ServeProcess;
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  tools = await startToolServer({
    read: { run: ({ n }) => ({ n }), idempotent: true },
    pay: { run: ({ n }) => gate.then(() => ({ paid: n })) },
    odd: {
      run({ n }) {
        if (Number(n) % 2 === 1) throw new Error('odd');
        return { even: n };
      },
      idempotent: true,
    },
  });
});
afterAll(() => tools.stop());
beforeEach(async () => {
  gate = Promise.resolve();
  database = await createTestDatabase();
  dataDir = makeTempDir('workflow-kill');
  server = await start();
});
afterEach(async () => {
  await server.kill();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = () =>
  serveProcess(dataDir, ['--database-url', database.url, '--limits-calls-per-minute', '1000000', ...tools.flags('s')]);
async function ok(name: string, input: unknown): Promise<Body> {
  const { status, body } = await server.call(name, input);
  expect({ name, status, body: status === 200 || body }).toEqual({ name, status: 200, body: true });
  return body;
}

const task = (tool: string, more: object) => ({ Type: 'Task', Resource: `mcp://s/${tool}`, ...more });
const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });
const run = '{% $states.context.Execution.Id %}';
/** All eight types of states, retries, failures that are caught and tolerated, and calls that must not be made twice. */
const everything = {
  Read: task('read', { Arguments: { n: 1 }, Assign: { n: '{% $states.result.n %}' }, Next: 'Each' }),
  Each: {
    Type: 'Map',
    Items: [0, 1, 2],
    MaxConcurrency: 2,
    ToleratedFailureCount: 1,
    ItemProcessor: {
      StartAt: 'Odd',
      States: {
        Odd: task('odd', {
          Arguments: { n: '{% $states.input %}' },
          Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 1 }],
          Next: 'PayItem',
        }),
        PayItem: task('pay', { Arguments: { n: '{% "item " & $states.input.even %}', run }, End: true }),
      },
    },
    Output: '{% $states.result.(paid ? paid : Error) %}',
    Next: 'Both',
  },
  Both: {
    Type: 'Parallel',
    Branches: [
      branch(
        'PayBranch',
        task('pay', { Arguments: { n: 'branch', run }, Output: '{% $states.result.paid %}', End: true }),
      ),
      branch('Beside', { Type: 'Pass', Output: '{% $states.input %}', End: true }),
    ],
    Next: 'Wait',
  },
  Wait: { Type: 'Wait', Seconds: 1, Next: 'Choose' },
  Choose: { Type: 'Choice', Choices: [{ Condition: '{% $n = 1 %}', Next: 'Risky' }], Default: 'Wrong' },
  Risky: task('odd', { Arguments: { n: 1 }, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Last' }], Next: 'Last' }),
  Last: { Type: 'Pass', Output: { failed: '{% $states.input.Error %}', n: '{% $n %}' }, Next: 'Done' },
  Done: { Type: 'Succeed' },
  Wrong: { Type: 'Fail', Error: 'Wrong' },
};
const rightOutput = { failed: 'States.TaskFailed', n: 1 };

async function begin(): Promise<string> {
  await ok('put_workflow', { definition: workflowDocument('all', everything) });
  return (await ok('run_pipeline', { workflow: 'all', input: {}, wait_s: 0 })).run_id;
}

async function end(run_id: string): Promise<Body> {
  for (;;) {
    const run = await ok('get_workflow_run', { run_id, wait_s: 5 });
    if (run.ended_at) return run;
  }
}
/** How often each call was made that must not be made twice. */
const payments = (from: number, run?: string) =>
  tools.calls
    .slice(from)
    .filter(({ tool, args }) => tool === 'pay' && (run === undefined || args.run === run))
    .map(({ args }) => String(args.n))
    .sort();

/** Answers what is in doubt: it was paid. */
async function resolveAll(run: Body): Promise<Body> {
  let at = run;
  for (; at.status === 'in_doubt'; at = await end(run.run_id)) {
    const path: string = at.error.state;
    const item = /^1:Each\[(\d)\]/.exec(path)?.[1];
    const result = { paid: item === undefined ? 'branch' : `item ${item}` };
    await ok('resolve_in_doubt_call', { job_id: at.job_id, outcome: 'completed', result });
  }
  return at;
}

test(
  'killed at commits all over its run, it comes to the same end, pays nothing twice, and is in doubt only where it must',
  async () => {
    const commits = await holdCommits(database);
    const first = await begin();
    expect(await end(first)).toMatchObject({ status: 'partial', output: rightOutput });
    const all = await killsOf(commits, first);
    const every = process.env.CHAOS_ROUNDS === undefined ? Math.ceil(all.length / sample) : 1;
    const done = await killAtEach(
      all.filter((_, index) => index % every === 0),
      commits,
      {
        database,
        begin,
        kill: () => server.kill(),
        async start() {
          const { rows } = await sql<{ id: string }>`
          select run_id as id from workflow_states where status = 'sending'`.execute(database.db);
          doubtful = new Set(rows.map(({ id }) => id));
          server = await start();
        },
        async check(runId, at) {
          const run = await end(runId);
          expect({ at, doubt: run.status === 'in_doubt' }).toEqual({ at, doubt: doubtful.has(runId) });
          expect({ at, ...(await resolveAll(run)) }).toMatchObject({ at, status: 'partial', output: rightOutput });
          const paid = payments(0, runId);
          expect({ at, paid }).toEqual({ at, paid: [...new Set(paid)] });
          expect(paid.length).toBeLessThanOrEqual(3);
        },
      },
    );
    await commits.close();
    // A few may be written only together with what follows them.
    expect(done.length).toBeGreaterThan(all.length / every / 2);
  },
  killsTimeout,
);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a call that was received and not answered is in doubt, and is made again only when somebody says so', async () => {
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  gate = promise;
  await ok('put_workflow', {
    definition: workflowDocument('pay', { Pay: task('pay', { Arguments: { n: 7 }, End: true }) }),
  });
  const from = tools.calls.length;
  const { run_id, job_id } = await ok('run_pipeline', { workflow: 'pay', input: {}, wait_s: 0 });
  await until(async () => payments(from).length === 1);
  await server.kill();
  answer();
  server = await start();
  expect(await end(run_id)).toMatchObject({ status: 'in_doubt', error: { code: 'Tutti.IN_DOUBT', state: '0:Pay' } });
  expect(payments(from)).toEqual(['7']);
  await ok('resolve_in_doubt_call', { job_id, outcome: 'repeat' });
  expect(await end(run_id)).toMatchObject({ status: 'succeeded', output: { paid: 7 } });
  expect(payments(from)).toEqual(['7', '7']);
});

test('a long wait goes on where it stood after a kill, and a stop leaves nothing in doubt', async () => {
  await ok('put_workflow', {
    definition: workflowDocument('wait', {
      Wait: { Type: 'Wait', Seconds: 8, Next: 'Pay' },
      Pay: task('pay', { Arguments: { n: 8 }, End: true }),
    }),
  });
  const from = tools.calls.length;
  const { run_id } = await ok('run_pipeline', { workflow: 'wait', input: {}, wait_s: 0 });
  const status = async () => (await ok('get_workflow_run', { run_id })).status;
  await expect.poll(status, { timeout: 20_000 }).toBe('waiting');
  await server.kill();
  server = await start();
  expect(await status()).toBe('waiting');
  expect(payments(from)).toEqual([]);
  expect(await server.stop()).toBe(0);
  server = await start();
  await until(async () => (await end(run_id)).status === 'succeeded');
  expect(payments(from)).toEqual(['8']);
});
