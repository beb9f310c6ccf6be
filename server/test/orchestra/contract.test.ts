import { beforeAll, describe, expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import type { Simulator } from '../../../examples/orchestra-simulator/server.ts';
import { connectors } from '../support/mcp-clients.ts';
import { newestRun, type OrchestraServer, seedRun, simulated, startOrchestraServer } from '../support/orchestra.ts';

let simulator: Simulator;
let server: OrchestraServer;
beforeAll(async () => {
  simulator = await simulated({ clock: createClock({ speed: 0 }) });
  server = await startOrchestraServer(simulator);
});

/** What was asked of the simulator meanwhile. */
async function asked(work: () => Promise<unknown>) {
  const before = simulator.seen.length;
  await work();
  return simulator.seen.slice(before);
}

const busy = { pipeline_id: 'every_half_hour' };
const ids = (answer: { items: { pipeline_run_id: string }[] }) => answer.items.map((item) => item.pipeline_run_id);

describe('list_pipeline_runs', () => {
  test('limit, offset and page lead to the same runs, and an answer spans as many pages as it needs', async () => {
    const all = await server.ok('list_pipeline_runs', { ...busy, limit: 1000 });
    expect({ count: all.count, total: all.total, next: all.next_page }).toEqual({
      count: all.items.length,
      total: 250,
      next: expect.any(String),
    });
    const rest = await server.ok('list_pipeline_runs', { ...busy, limit: 1000, page: all.next_page });
    const every = [...ids(all), ...ids(rest)];
    // The size of an answer ends it, not its number of runs.
    expect({ unique: new Set(every).size, truncated: [all.truncated, rest.truncated], last: rest.next_page }).toEqual({
      unique: 250,
      truncated: [true, false],
      last: undefined,
    });
    expect(ids(await server.ok('list_pipeline_runs', { ...busy, limit: 7, offset: 95 }))).toEqual(every.slice(95, 102));
    expect(ids(await server.ok('list_pipeline_runs', { ...busy, limit: 30, page: 4 }))).toEqual(every.slice(90, 120));
    const walked: string[] = [];
    let page: string | undefined;
    do {
      const answer = await server.ok('list_pipeline_runs', { ...busy, limit: 60, ...(page && { page }) });
      walked.push(...ids(answer));
      page = answer.next_page;
    } while (page !== undefined);
    expect(walked).toEqual(every);
    expect(await server.ok('list_pipeline_runs', { ...busy, offset: 250 })).toMatchObject({ items: [] });
  });

  test('an answer costs one request where one page is enough, and a later page does not begin anew', async () => {
    const byId = { pipeline_id: (await server.ok('list_pipeline_runs', { ...busy, limit: 1 })).items[0].pipeline_id };
    let next: string | undefined;
    const first = await asked(async () => {
      next = (await server.ok('list_pipeline_runs', { ...byId, limit: 100 })).next_page;
    });
    expect(first).toMatchObject([{ method: 'GET', status: 200 }]);
    expect(await asked(() => server.ok('list_pipeline_runs', { ...byId, limit: 100, page: next }))).toHaveLength(1);
    expect(await asked(() => server.ok('list_pipeline_runs', { ...byId, limit: 10, offset: 200 }))).toHaveLength(2);
  });

  test('a page belongs to its list, and what starts meanwhile moves nothing', async () => {
    const first = await server.ok('list_pipeline_runs', { ...busy, limit: 5 });
    const [pipelineId] = [...simulator.state.pipelines].find(([, { alias }]) => alias === 'every_half_hour') ?? [''];
    simulator.state.clock.advance(1000);
    simulator.state.start(pipelineId, {});
    const second = await server.ok('list_pipeline_runs', { ...busy, limit: 5, page: first.next_page });
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(10);
    expect(second.time_to).toBe(first.time_to);
    const other = { ...busy, status_filter: 'FAILED', page: first.next_page };
    expect(await server.fails('list_pipeline_runs', other)).toMatchObject({ code: 'BAD_CURSOR' });
    expect(await server.fails('list_pipeline_runs', { ...busy, page: 2, offset: 3 })).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  test('a longer span is walked in windows of at most 7 days, each run once', async () => {
    const months = new Date(simulator.state.clock.now() - 35 * 86_400_000).toISOString();
    const span = { time_from: months, pipeline_id: 'nightly_orders' };
    let runs: string[] = [];
    const seen = await asked(async () => {
      runs = ids(await server.ok('list_pipeline_runs', span));
    });
    const lists = seen.filter(({ path }) => path.endsWith('/pipeline_runs'));
    expect(lists.length).toBeGreaterThan(5);
    for (const { query } of lists) {
      const [from, to] = ['time_from', 'time_to'].map((name) =>
        Date.parse(new URLSearchParams(query).get(name) ?? ''),
      ) as [number, number];
      expect(to - from).toBeLessThan(7 * 86_400_000);
    }
    expect({ count: runs.length, unique: new Set(runs).size }).toEqual({ count: 8, unique: 8 });
    const parts: string[] = [];
    let page: string | undefined;
    do {
      const answer = await server.ok('list_pipeline_runs', { ...span, limit: 3, ...(page && { page }) });
      parts.push(...ids(answer));
      page = answer.next_page;
    } while (page !== undefined);
    expect(parts).toEqual(runs);
    expect(ids(await server.ok('list_pipeline_runs', { ...span, offset: 6 }))).toEqual(runs.slice(6));
  });

  test('what fails on the way leaves what was read, and says so', async () => {
    simulator.faults.add('503', 4, 'pipeline_runs');
    expect(await server.fails('list_pipeline_runs', { limit: 5 })).toMatchObject({ code: 'ORCHESTRA_UNAVAILABLE' });
    const [pipelineId] = [...simulator.state.pipelines].find(([, { alias }]) => alias === 'every_half_hour') ?? [''];
    simulator.faults.add('slow=0', 1, 'pipeline_runs');
    simulator.faults.add('503', 4, 'pipeline_runs');
    const part = await server.ok('list_pipeline_runs', { pipeline_id: pipelineId, limit: 120 });
    expect(part).toMatchObject({ count: 100, truncated: true, gaps: [{ code: 'ORCHESTRA_UNAVAILABLE' }] });
    const rest = await server.ok('list_pipeline_runs', { pipeline_id: pipelineId, limit: 120, page: part.next_page });
    expect(new Set([...ids(part), ...ids(rest)]).size).toBe(part.count + rest.count);
  });

  test('statuses are given in either form, and unknown ones are Orchestra’s to refuse', async () => {
    const one = await server.ok('list_pipeline_runs', { status_filter: 'warning,cancelled' });
    expect(new Set(one.items.map(({ status }: { status: string }) => status))).toEqual(
      new Set(['WARNING', 'CANCELLED']),
    );
    expect(ids(await server.ok('list_pipeline_runs', { status_filter: ['WARNING', 'CANCELLED'] }))).toEqual(ids(one));
    expect(await server.fails('list_pipeline_runs', { status_filter: 'SLEEPING' })).toMatchObject({
      code: 'ORCHESTRA_REFUSED',
    });
    expect(await server.fails('list_pipeline_runs', { status_filter: 'a&b=c' })).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});

describe('one run', () => {
  test('is found by its id, its beginning, and the address of its page', async () => {
    const run = newestRun(simulator, 'nightly_orders');
    const names = [
      run,
      run.toUpperCase(),
      run.slice(0, 8),
      run.slice(0, 20),
      `https://app.getorchestra.io/pipeline-runs/${run}/lineage`,
      `https://app.getorchestra.io/pipelines/${seedRun}/runs/${run}`,
    ];
    for (const pipeline_run_id of names) {
      const found = await server.ok('get_pipeline_run_status', { pipeline_run_id });
      expect(found).toMatchObject({ pipeline_run_id: run, status: 'FAILED', ended: true });
    }
    for (const pipeline_run_id of ['deadbeef', '../../../x', 'https://app.getorchestra.io/pipelines', '8e808ad']) {
      const { status } = await server.fails('get_pipeline_run_status', { pipeline_run_id });
      expect([404, 422]).toContain(status);
    }
  });

  test('of which several begin alike is to be chosen', async () => {
    const { state } = simulator;
    const [pipelineId] = [...state.pipelines].find(([, { alias }]) => alias === 'orders_report') ?? [''];
    state.clock.advance(1000);
    const made = [state.start(pipelineId, {}), state.start(pipelineId, {})];
    const same = 'feedf00d';
    for (const [at, run] of made.entries())
      if (run !== 'nothing-failed') rename(run, `${same}-0000-4000-8000-00000000000${at}`);
    state.clock.advance(1000);
    await server.ok('get_pipeline_run_status', { pipeline_run_id: seedRun });
    const refused = await server.fails('get_pipeline_run_status', { pipeline_run_id: same });
    expect(refused).toMatchObject({ code: 'VALIDATION_FAILED', details: { choices: [{}, {}] } });
    const [{ pipeline_run_id }] = (refused.details as { choices: { pipeline_run_id: string }[] }).choices as [
      { pipeline_run_id: string },
    ];
    expect(await server.ok('get_pipeline_run_status', { pipeline_run_id })).toMatchObject({ pipeline_run_id });
  });

  test('whose tasks cannot be read is shown with that gap; one of more than 50 tasks has them all', async () => {
    const bare = await server.ok('get_pipeline_run_details', { pipeline_run_id: newestRun(simulator, 'no_sub_paths') });
    expect(bare).toMatchObject({ status: 'FAILED', tasks: [], gaps: [{ what: 'tasks', code: 'ORCHESTRA_NOT_FOUND' }] });
    const many = newestRun(simulator, 'many_tasks');
    const details = await server.ok('get_pipeline_run_details', { pipeline_run_id: many });
    expect(details).toMatchObject({ task_count: 120, task_status_counts: { FAILED: 1 }, gaps: [] });
    const tasks = await server.ok('list_task_runs', { pipeline_run_id: many, limit: 50, offset: 100 });
    expect(tasks).toMatchObject({ count: 20, total: 120, truncated: false });
    expect(tasks).not.toHaveProperty('next_offset');
    expect(await server.ok('list_task_runs', { pipeline_run_id: many, limit: 50 })).toMatchObject({ next_offset: 50 });
    const of = { pipeline_run_id: newestRun(simulator, 'second_attempt') };
    expect(await server.ok('list_task_runs', of)).toMatchObject({ total: 1 });
    expect(await server.ok('list_task_runs', { ...of, include_superseded: true })).toMatchObject({ total: 2 });
  });

  test('shows parameters without secrets, and never the definition', async () => {
    const matrix = { pipeline_run_id: newestRun(simulator, 'matrix'), include_parameters: true };
    const { items } = await server.ok('list_task_runs', matrix);
    expect(items.at(-1)).toMatchObject({ task_parameters: { region: 'ap' } });
    const whole = JSON.stringify(await server.ok('get_pipeline_run_details', { pipeline_run_id: seedRun }));
    expect(whole).not.toMatch(/hunter2|WAREHOUSE_PASSWORD/);
  });
});

describe('artifacts', () => {
  let place: { pipeline_run_id: string; task_run_id: string };
  beforeAll(async () => {
    const pipeline_run_id = newestRun(simulator, 'awkward_files');
    const { items } = await server.ok('list_task_runs', { pipeline_run_id });
    const { task_run_id } = items.find((one: { task_id: string }) => one.task_id === 'artifacts');
    place = { pipeline_run_id, task_run_id };
  });

  test('of any name are listed and read, and no name becomes a path', async () => {
    const { artifacts } = await server.ok('get_task_run_artifacts', place);
    expect(artifacts.length).toBe(8);
    for (const { filename } of artifacts.filter((one: { filename: string }) => !/json$/.test(one.filename))) {
      const read = await server.ok('download_task_artifact', { ...place, filename });
      expect(read).toMatchObject({ filename, content: `the body of ${filename}\n`, truncated: false });
    }
    expect(await server.fails('download_task_artifact', { ...place, filename: 'no such' })).toMatchObject({
      code: 'ORCHESTRA_NOT_FOUND',
    });
  });

  test.each(Object.entries(connectors))(
    'are resources that a %s reads by range, however large',
    async (_kind, connect) => {
      const { client } = await connect(`${server.url}/mcp/orchestra`, server.admin);
      const { resourceTemplates } = await client.listResourceTemplates();
      expect(resourceTemplates).toContainEqual(
        expect.objectContaining({
          uriTemplate: 'orchestra://runs/{run}/tasks/{task}/artifacts/{name}{?offset,length}',
        }),
      );
      const { artifacts } = await server.ok('get_task_run_artifacts', place);
      for (const { filename, resource_uri } of artifacts) {
        const { contents } = await client.readResource({ uri: resource_uri });
        expect(contents).toMatchObject([{ uri: resource_uri, mimeType: 'application/json' }]);
        expect(JSON.parse(contents[0].text)).toMatchObject({ filename, offset: 0, resource_uri });
      }
      const large = artifacts.find((one: { filename: string }) => one.filename === 'target/manifest.json').resource_uri;
      const far = 20_000_000;
      const { contents } = await client.readResource({ uri: `${large}?offset=${far}&length=5000` });
      const piece = JSON.parse(contents[0].text);
      expect(piece).toMatchObject({ offset: far, bytes: 5000, truncated: true, next_offset: far + 5000 });
      expect(piece.size_bytes).toBeGreaterThan(30_000_000);
      const inline = await server.ok('download_task_artifact', { ...place, filename: 'target/manifest.json' });
      expect(inline).toMatchObject({ bytes: 65_536, truncated: true, next_offset: 65_536, resource_uri: large });
      await client.close();
    },
  );

  test('are read over REST at the same address, under the same scope', async () => {
    const { artifacts } = await server.ok('get_task_run_artifacts', place);
    const reader = (await server.token('reader-of-runs', ['orchestra:read'])).secret;
    const stranger = (await server.token('reader-of-lakes', ['lake:read'])).secret;
    const get = async (uri: string, token: string) => {
      const url = `${server.url}/resources/${uri.replace('://', '/')}`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return { status: response.status, body: await response.json() };
    };
    for (const { filename, resource_uri } of artifacts.filter(
      (one: { filename: string }) => !/json$/.test(one.filename),
    )) {
      expect(await get(`${resource_uri}?offset=4&length=64`, reader)).toMatchObject({
        status: 200,
        body: { filename, content: `the body of ${filename}\n`.slice(4, 68), offset: 4 },
      });
      expect(await get(resource_uri, stranger)).toMatchObject({ status: 404, body: { success: false } });
    }
    const bad = ['?offset=-1', '?offset=x', '?part=1'].map((query) => `${artifacts[0].resource_uri}${query}`);
    for (const uri of bad) expect(await get(uri, reader)).toMatchObject({ status: 422 });
    for (const uri of ['orchestra://runs', 'orchestra://runs/a/tasks/b', 'orchestra://runs/a/tasks/b/artifacts/%ff']) {
      expect((await get(uri, reader)).body).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
    }
    const odd = await get('orchestra://runs/..%2f..%2fx/tasks/b/artifacts/c', reader);
    expect(odd.body).toMatchObject({ success: false, error: { code: 'VALIDATION_FAILED' } });
  });
});

test('without a scope for it nothing is started, and a reader reads', async () => {
  const reader = (await server.token('reader', ['orchestra:read'])).secret;
  expect(await server.fails('trigger_pipeline', { pipeline_id: 'orders_report' }, reader)).toMatchObject({
    status: 403,
  });
  expect(await server.ok('list_pipeline_runs', { limit: 1 }, reader)).toMatchObject({ count: 1 });
});

/** Gives a run another id, as no start could. */
function rename(run: { readonly id: string }, id: string): void {
  Object.assign(run, { id });
}
