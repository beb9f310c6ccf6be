import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createToken } from '../../src/core/auth/tokens.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { emailFolder, startEmailService } from '../support/email-services.ts';
import { holdCommits } from '../support/held-commits.ts';
import { type Kill, killAtEach, killsOf, killsTimeout } from '../support/kill-runs.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/**
 * The email pipeline with its services out of the reach of the kills, and with what makes it hard: the mailbox is locked at
 * first, a person is asked, a task must not be created twice, and something is waited for.
 */
const base = makeTempDir('email-doubt');
const mail = path.join(base, 'mail.mbox');
const services: Readonly<Record<string, { readonly args: string[]; readonly tools: readonly string[] }>> = {
  gmail: { args: ['--mail', mail], tools: ['fetch_emails'] },
  classification: { args: ['--rules', path.join(emailFolder, 'rules.json')], tools: ['classify_email'] },
  cache: { args: [], tools: ['add_to_cache'] },
  graph: { args: [], tools: ['add_to_graph'] },
  enrichment: { args: [], tools: ['enrich_content'] },
  tasks: { args: [], tools: ['create_task', 'trigger_notification'] },
  agent: { args: [], tools: ['run_agent_task'] },
};
let tools: ToolServer;
let database: TestDatabase;
let server: ServeProcess;
const closing: (() => Promise<void>)[] = [];

/** The mails of each run have ids of their own, which end in the mark of the run. */
const markOf = (since: unknown) => `r${Date.parse(String(since))}`;
const sinceOf = (n: number) => new Date(n).toISOString();
const locked = new Set<string>();
/** What was created, by the mark of the run. */
const tasks = new Map<string, Body>();
/** The mark and the name of each call that came: that of its tool, and of the mail where the tool is called for both. */
const calls: { mark: string; name: string }[] = [];
/** Calls whose answers are held back, by mark. */
const gates = new Map<string, { name: string; came: () => void; go: Promise<void> }>();

function callOf(tool: string, args: Body): { mark: string; name: string } {
  if (tool === 'fetch_emails') return { mark: markOf(args.since), name: tool };
  const text = JSON.stringify(args);
  const mark = /-(r\d+)"/.exec(text)?.[1] ?? [...tasks].find(([, task]) => text.includes(task.task_id))?.[0] ?? '';
  return { mark, name: `${tool} ${/cooling|lost/.exec(text)?.[0] ?? ''}`.trim() };
}

function serving(call: (args: Body) => Promise<Body>, tool: string) {
  return async (args: Body): Promise<Body> => {
    const { mark, name } = callOf(tool, args);
    if (tool === 'fetch_emails' && !locked.has(mark)) {
      locked.add(mark);
      throw new Error('The mailbox is locked.');
    }
    calls.push({ mark, name });
    let result = await call(args);
    if (tool === 'fetch_emails') {
      result = { result: result.result.map((one: Body) => ({ ...one, id: `${one.id}-${mark}` })) };
    }
    if (tool === 'create_task') tasks.set(mark, result);
    const gate = gates.get(mark);
    if (gate?.name === name) {
      gate.came();
      await gate.go;
    }
    return result;
  };
}

beforeAll(async () => {
  const mbox = readFileSync(path.join(emailFolder, 'mail/inbox.mbox'), 'latin1').split(/(?=^From desk@)/m);
  writeFileSync(mail, mbox.filter((one) => /cooling-hall-3|lost-and-found/.test(one)).join(''));
  const served: Record<string, { run: (args: Body) => Promise<Body>; idempotent: boolean }> = {};
  for (const [name, { args, tools: names }] of Object.entries(services)) {
    const client = await startEmailService(name, { args, cwd: base });
    closing.push(() => client.close());
    for (const tool of names) {
      const call = async (given: Body) => (await client.callTool({ name: tool, arguments: given })).structuredContent;
      served[tool] = { run: serving(call, tool), idempotent: tool !== 'create_task' };
    }
  }
  tools = await startToolServer(served);
  database = await createTestDatabase();
  server = await start();
  await ok('put_workflow', { definition: harder() });
  closing.push(await approving());
});
afterAll(async () => {
  await server?.kill();
  for (const close of closing) await close();
  await tools?.stop();
  await database?.close();
  rmSync(base, { recursive: true, force: true });
});

function start(): Promise<ServeProcess> {
  const servers = Object.keys(services).map((name) => ({ name, url: tools.url }));
  const flags = ['--workflows-servers', JSON.stringify(servers), '--egress-allow', '127.0.0.1/32'];
  const more = ['--limits-calls-per-minute', '1000000', '--database-url', database.url];
  return serveProcess(path.join(base, 'data'), [...flags, ...more]);
}

/** The definition of the example with what is said above. */
function harder(): string {
  const document = parse(readFileSync(path.join(emailFolder, 'email-triage.yaml'), 'utf8'), { maxAliasCount: 100 });
  const { States } = document.definition;
  Object.assign(States.Fetch, { Output: '{% $states.result.result %}' });
  const { States: item } = States.Each.ItemProcessor;
  item.IsUrgent.Choices[0].Next = 'Ask';
  item.Ask = {
    Type: 'Task',
    Resource: 'mcp://tutti/request_approval',
    Arguments: { message: 'Answer it?', expires_s: 3600 },
    Output: '{% $states.input %}',
    Next: 'CreateTask',
  };
  item.Notify.Next = 'Pause';
  item.Pause = { Type: 'Wait', Seconds: 1, Next: 'Agent' };
  return stringify(document, { aliasDuplicateObjects: false });
}

/** Somebody who approves whatever is asked, as soon as the server can be reached. */
async function approving(): Promise<() => Promise<void>> {
  const grants = ['workflows:read', 'workflows:write'];
  const { secret } = await createToken(database.db, { name: 'desk', grants, expiresAt: new Date(Date.now() + 3.6e6) });
  let open = true;
  // What is held may never answer, in this process: it is not asked twice.
  const asked = new Set<string>();
  const approve = (url: string, approval_id: string) =>
    fetch(`${url}/tools/resolve_approval`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({ approval_id, decision: 'approve' }),
    }).catch(() => undefined);
  const work = async () => {
    for (; open; await sleep(100)) {
      // By then the run waits, and holds nothing.
      const { rows } = await sql<{ id: string }>`
        select approval.id from workflow_approvals as approval join workflow_runs as run on run.id = run_id
        join jobs on jobs.id = job_id where approval.state = 'pending' and jobs.state = 'waiting'`.execute(database.db);
      for (const { id } of rows) {
        const { url } = server;
        if (asked.has(`${url} ${id}`)) continue;
        asked.add(`${url} ${id}`);
        void approve(url, id);
      }
    }
  };
  const working = work();
  return async () => {
    open = false;
    await working;
  };
}

async function ok(name: string, input: unknown): Promise<Body> {
  const { status, body } = await server.call(name, input);
  expect({ name, status, body: status === 200 || body }).toEqual({ name, status: 200, body: true });
  return body;
}

let begun = 0;
/** Adds a run, whose mark is told before. */
async function begin(prepare: (mark: string) => void = () => undefined): Promise<Body> {
  begun += 1;
  const since = sinceOf(begun);
  prepare(markOf(since));
  return (await server.call('run_pipeline', { workflow: 'email-triage', input: { since }, wait_s: 0 })).body;
}

async function end(run_id: string): Promise<Body> {
  for (;;) {
    const run = await ok('get_workflow_run', { run_id, wait_s: 5 });
    if (run.ended_at) return run;
  }
}

async function markOfRun(runId: string): Promise<string> {
  const { rows } = await sql<{ since: string }>`
    select input->'v'->>'since' as since from workflow_runs where id = ${runId}`.execute(database.db);
  return markOf(rows[0]?.since);
}

/** Runs whose journal says that a task may have been created, and not whether. */
let doubtful = new Set<string>();
async function restart(): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select run_id as id from workflow_states where name = 'CreateTask' and status = 'sending'`.execute(database.db);
  doubtful = new Set(rows.map(({ id }) => id));
  server = await start();
}

/** What is to be seen of a run that went well, whatever its ids. */
async function seenOf(run: Body): Promise<Body> {
  const { states } = await ok('get_workflow_run', { run_id: run.run_id, page_size: 100 });
  const history = states.map(({ path: at, status, next }: Body) => `${at} ${status} ${next}`).sort();
  const output = JSON.parse(JSON.stringify(run.output).replaceAll(/-r\d+|task-[0-9a-f]+/g, ''));
  return { status: run.status, summary: run.summary, output, history };
}

/** It comes to the right end; it is in doubt exactly where it must be, and goes on with what somebody found out. */
async function rightEnd(runId: string, at: unknown, right: Body): Promise<void> {
  const mark = await markOfRun(runId);
  let run = await end(runId);
  expect({ at, doubt: run.status === 'in_doubt' }).toEqual({ at, doubt: doubtful.has(runId) });
  if (run.status === 'in_doubt') {
    expect(run.error).toMatchObject({ code: 'Tutti.IN_DOUBT', state: expect.stringContaining('CreateTask') });
    const result = tasks.get(mark);
    const found = result ? { outcome: 'completed', result } : { outcome: 'repeat' };
    await ok('resolve_in_doubt_call', { job_id: run.job_id, ...found });
    run = await end(runId);
  }
  expect({ at, ...(await seenOf(run)) }).toEqual({ at, ...right });
  const created = calls.filter((call) => call.mark === mark && call.name.startsWith('create_task'));
  expect({ at, created: created.length }).toEqual({ at, created: 1 });
}

const differs = /Fetch|Ask|CreateTask|Notify|Pause|^run$|^job$|^approval$|^engine$/;

test(
  'killed at any commit, it comes to the right end, and is in doubt exactly where nobody can know',
  async () => {
    const commits = await holdCommits(database);
    const { run_id } = await begin();
    const right = await seenOf(await end(run_id));
    expect(right).toMatchObject({ status: 'succeeded', summary: '2 of 2 emails processed, 1 of them urgent' });
    const all = await killsOf(commits, run_id);
    const kills = process.env.CHAOS_ROUNDS === undefined ? all.filter(({ what }) => differs.test(what)) : all;
    const doubts = new Set<string>();
    const done = await killAtEach(kills, commits, {
      database,
      begin: () => begin(),
      kill: () => server.kill(),
      start: restart,
      async check(id, at) {
        await rightEnd(id, at, right);
        if (doubtful.has(id)) doubts.add(`${at.what} ${at.status} ${at.how}`);
      },
    });
    await commits.close();
    const met = (of: readonly Kill[]) => [...new Set(of.map(({ what, how }) => `${what} ${how}`))].sort();
    expect(met(done)).toEqual(met(kills));
    const create = '1:Each[0]/5:CreateTask';
    // It may have been sent; it was sent, and its answer is lost.
    expect([...doubts]).toEqual(expect.arrayContaining([`${create} sending kept`, `${create} succeeded lost`]));
    expect([...doubts]).not.toContain(`${create} sending lost`);
    expect([...doubts]).not.toContain(`${create} succeeded kept`);
  },
  killsTimeout,
);

test('killed when a service has done its work and not answered, for each call in turn', async () => {
  const { run_id } = await begin();
  const right = await seenOf(await end(run_id));
  const mark = await markOfRun(run_id);
  const names = calls.filter((call) => call.mark === mark).map(({ name }) => name);
  expect(names).toHaveLength(12);
  const { promise: go, resolve: answer } = Promise.withResolvers<void>();
  const runs = await Promise.all(
    names.map(async (name) => {
      const { promise: came, resolve } = Promise.withResolvers<void>();
      const run = await begin((given) => gates.set(given, { name, came: resolve, go }));
      await came;
      return { name, runId: String(run.run_id) };
    }),
  );
  await server.kill();
  gates.clear();
  answer();
  await restart();
  expect(runs.filter(({ runId }) => doubtful.has(runId)).map(({ name }) => name)).toContain('create_task cooling');
  await Promise.all(runs.map(({ name, runId }) => rightEnd(runId, name, right)));
  expect(readdirSync(path.join(base, 'tasks')).length).toBe(tasks.size);
});
