import { ulid } from 'ulid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { removeContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { installationId } from '../../src/capabilities/ops/engines/store.ts';
import { containerOptions, defaultLimits } from '../../src/capabilities/ops/runner/profile.ts';
import { listMarked } from '../../src/capabilities/ops/sandboxes/services.ts';
import { busybox, createTestEngine, describeDocker, type TestEngine } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';

/** A container that somebody else made by hand, with a secret in its environment. */
async function makeStranger({ docker }: TestEngine, options: object = {}): Promise<string> {
  const container = await docker.createContainer({
    Image: busybox,
    Cmd: ['sh', '-c', 'echo from a stranger; exec sleep 600'],
    Env: ['PASSWORD=of-the-stranger'],
    HostConfig: { NetworkMode: 'none', Init: true },
    ...options,
  });
  await container.start();
  return container.id;
}

/** Undefined when it is gone. */
async function stateOf({ docker }: TestEngine, id: string): Promise<string | undefined> {
  const found = await docker
    .getContainer(id)
    .inspect()
    .catch(() => undefined);
  return found?.State.Status;
}

type Listed = { id: string; name: string; kind: string; job_id?: string };

describeDocker('containers through their tools', () => {
  let ops: OpsServer;
  let engine: TestEngine;
  let server: string;
  let owner: string;
  let other: string;
  const strangers: string[] = [];
  beforeAll(async () => {
    // Without a pool, so that every container is of a job.
    [ops, engine] = await Promise.all([startOpsServer(undefined, ['--ops-pool-size', '0']), createTestEngine()]);
    server = await installationId(ops.database.db, () => 'srv_test');
    const grants = ['ops:read', 'ops:write', 'ops:destroy'];
    owner = (await ops.token('owner', grants)).secret;
    other = (await ops.token('other', grants)).secret;
  });
  afterAll(async () => {
    for (const id of strangers) await removeContainer(engine, id);
    await engine?.close();
    await ops?.stop();
  });

  async function stranger(options: object = {}): Promise<string> {
    const id = await makeStranger(engine, options);
    strangers.push(id);
    return id;
  }
  const state = (id: string) => stateOf(engine, id);

  /** One that this server could have made, and does not know. */
  async function lost(expires: Date): Promise<string> {
    const name = `tutti-${ulid().toLowerCase()}`;
    const { Id } = (await engine.docker.getImage(busybox).inspect()) as { Id: string };
    const spec = { name, image: Id, uid: 61_234, network: 'none', limits: defaultLimits, imageVolumes: [], server };
    const container = await engine.docker.createContainer(
      containerOptions({ ...spec, kind: 'job', job: 'job_forgotten', expires }),
    );
    strangers.push(container.id);
    await container.start();
    return container.id;
  }

  /** A job that runs, and its container. */
  async function running(job_id: string, commands: readonly string[], more = {}, token = owner): Promise<Listed> {
    await ops.ok('orcaops_submit_job', { image: busybox, job_id, commands, ...more }, token);
    for (;;) {
      const { steps } = await ops.ok('orcaops_get_job_logs', { job_id }, token);
      if (steps[0]?.stdout.includes('begun')) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { containers } = await ops.ok('orcaops_list_containers', {}, token);
    return containers.find((one: Listed) => one.job_id === job_id);
  }

  test('those of one’s own jobs are listed, read and looked at; those of others are not there', async () => {
    const env = { API_TOKEN: 'not-to-be-read-by-anybody' };
    const job = await running('seen', ['echo begun; echo "$API_TOKEN" >&2; sleep 600'], { env });
    expect(job).toMatchObject({ kind: 'job', image: busybox, status: expect.stringMatching(/^Up/) });
    const { id: container_id } = job;
    const logs = await ops.ok('orcaops_get_container_logs', { container_id }, owner);
    expect(logs).toMatchObject({ container_id, logs: 'begun\n[redacted]\n', untrusted: true });
    expect((await ops.ok('orcaops_get_container_logs', { container_id, tail: 1 }, owner)).logs).toBe('[redacted]\n');
    const looked = await ops.ok('orcaops_inspect_container', { container_id: job.name }, owner);
    expect(looked).toMatchObject({
      job_id: 'seen',
      state: { status: 'running', exit_code: null },
      network_settings: { mode: 'none', ports: [] },
      limits: { memory_mb: 256, cpus: 1, pids: 128 },
    });
    expect(JSON.stringify(looked)).not.toContain('not-to-be-read');
    const full = looked.container_id;
    expect((await ops.ok('orcaops_list_containers', {}, other)).containers).toEqual([]);
    expect((await ops.ok('orcaops_list_containers', {})).containers.map(({ id }: Listed) => id)).toContain(
      container_id,
    );
    // Neither by id nor by name nor by what an engine takes for one; and the owner not by a beginning of it.
    const tools = ['get_container_logs', 'inspect_container', 'stop_container', 'remove_container'];
    for (const name of tools) {
      for (const id of [container_id, full, job.name]) {
        const refused = await ops.fails(`orcaops_${name}`, { container_id: id }, other);
        expect(refused).toMatchObject({ status: 404, code: 'CONTAINER_NOT_FOUND' });
      }
      for (const id of [full.slice(0, 6), full.slice(0, 20), job.name.slice(0, 12), 'tutti-']) {
        const refused = await ops.fails(`orcaops_${name}`, { container_id: id }, owner);
        expect(refused).toMatchObject({ code: 'CONTAINER_NOT_FOUND' });
      }
      for (const id of ['../x', '/etc', 'a b', '', 'x?all=1', `${full}/json`]) {
        expect(await ops.fails(`orcaops_${name}`, { container_id: id })).toMatchObject({ code: 'VALIDATION_FAILED' });
      }
    }
    expect(await state(full)).toBe('running');
    await ops.ok('orcaops_cancel_job', { job_id: 'seen' }, owner);
    await ops.ended('seen');
  });

  test('to stop the container of a job is to cancel the job; to remove a running one takes force', async () => {
    const begun = ['echo begun; echo part > part.txt; sleep 600'];
    const one = await running('stopped', begun, { artifacts: ['part.txt'] });
    const answer = await ops.ok('orcaops_stop_container', { container_id: one.id }, owner);
    expect(answer).toMatchObject({ success: true, container_id: one.id, message: /canceled/ });
    expect(await ops.ended('stopped')).toMatchObject({ status: 'cancelled', artifacts: [{ name: 'part.txt' }] });
    const two = await running('removed', begun);
    expect(await ops.fails('orcaops_remove_container', { container_id: two.id }, owner)).toMatchObject({
      status: 409,
      code: 'REMOVE_FAILED',
      suggestion: expect.stringContaining('force'),
    });
    expect(await state(two.id)).toBe('running');
    await ops.ok('orcaops_remove_container', { container_id: two.id, force: true }, owner);
    expect(await ops.ended('removed')).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => ops.containers(), { timeout: 30_000 }).toEqual([]);
    const writer = (await ops.token('only-writes', ['ops:read', 'ops:write'])).secret;
    expect(await ops.fails('orcaops_remove_container', { container_id: two.id }, writer)).toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  test('the list pages, newest first', async () => {
    for (let n = 0; n < 3; n += 1) await running(`page-${n}`, ['echo begun; sleep 600']);
    const first = await ops.ok('orcaops_list_containers', { limit: 2 }, owner);
    const second = await ops.ok('orcaops_list_containers', { limit: 2, page: first.next_page }, owner);
    const ids = [...first.containers, ...second.containers].map(({ job_id }: Listed) => job_id);
    expect({ first: first.count, second: second.count, ids: ids.sort() }).toEqual({
      first: 2,
      second: 1,
      ids: ['page-0', 'page-1', 'page-2'],
    });
    expect(second.next_page).toBeUndefined();
    const metrics = await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${ops.admin}` } });
    const text = await metrics.text();
    expect(text).toMatch(/^tutti_ops_engine_up 1$/m);
    expect(text).toMatch(/^tutti_ops_containers_ended_total [1-9]/m);
    // Cleaning up leaves what somebody needs.
    expect(await ops.ok('orcaops_cleanup_containers', {}, owner)).toMatchObject({
      stopped: [],
      removed: [],
      errors: [],
    });
    for (let n = 0; n < 3; n += 1) await ops.ok('orcaops_cancel_job', { job_id: `page-${n}` }, owner);
    for (let n = 0; n < 3; n += 1) expect(await ops.ended(`page-${n}`)).toMatchObject({ status: 'cancelled' });
  });

  test('what others made is left alone, whatever its labels say', async () => {
    const labels = { 'io.tutti.kind': 'job', 'io.tutti.job': 'job_x', 'io.tutti.expires': new Date(0).toISOString() };
    const foreign = [
      await stranger(),
      await stranger({ Labels: { ...labels, 'io.tutti.server': 'srv_of_another' } }),
      await stranger({ Labels: { ...labels, 'io.tutti.server': server } }),
      await stranger({ Labels: { ...labels, 'io.tutti.server': server }, name: `tutti-${ulid().toLowerCase()}` }),
      await stranger({ Labels: { 'io.tutti.server': server, 'io.tutti.kind': 'pool', 'io.tutti.sandbox': 'sbx_x' } }),
      await stranger({
        Labels: { 'io.tutti.server': server, 'io.tutti.kind': 'sandbox', 'io.tutti.sandbox': 'sbx_y' },
      }),
      // Of another installation on the same engine.
      await engine.park({ expires: new Date(0) }),
    ];
    const { containers } = await ops.ok('orcaops_list_containers', { all: true, limit: 200 });
    expect(containers.filter(({ id }: Listed) => foreign.some((one) => one.startsWith(id)))).toEqual([]);
    for (const container_id of foreign) {
      for (const name of ['stop_container', 'remove_container', 'inspect_container', 'get_container_logs']) {
        const input = { container_id, ...(name === 'remove_container' && { force: true }) };
        expect(await ops.fails(`orcaops_${name}`, input)).toMatchObject({ code: 'CONTAINER_NOT_FOUND' });
      }
    }
    expect(await ops.ok('orcaops_cleanup_containers')).toMatchObject({ stopped: [], removed: [], errors: [] });
    // Nor what keeps the sandboxes by itself takes one of them for its own.
    expect(await listMarked(engine, server)).toEqual([]);
    for (const id of foreign) expect(await state(id)).toBe('running');
  });

  test('what this server made and no database knows is removed once its time is over, not before', async () => {
    const [early, late] = [await lost(new Date(Date.now() + 600_000)), await lost(new Date(Date.now() - 1000))];
    expect((await ops.ok('orcaops_list_containers', {}, owner)).containers).toEqual([]);
    const listed = (await ops.ok('orcaops_list_containers', {})).containers as Listed[];
    expect(listed.map(({ kind }) => kind)).toEqual(['lost', 'lost']);
    const name = listed.find(({ id }) => late.startsWith(id))?.name;
    expect(await ops.ok('orcaops_cleanup_containers', {}, owner)).toMatchObject({ removed: [] });
    const shown = await ops.ok('orcaops_cleanup_containers', { dry_run: true });
    expect(shown).toMatchObject({ stopped: [name], removed: [name], message: 'Would remove 1 container.' });
    expect(await state(late)).toBe('running');
    expect(await ops.ok('orcaops_cleanup_containers')).toMatchObject({ stopped: [name], removed: [name], errors: [] });
    expect([await state(early), await state(late)]).toEqual(['running', undefined]);
    await ops.ok('orcaops_stop_container', { container_id: early });
    await ops.ok('orcaops_remove_container', { container_id: early });
    expect(await state(early)).toBeUndefined();
  });
});

describeDocker('containers that others made', () => {
  let engine: TestEngine;
  let reader: OpsServer;
  const strangers: string[] = [];
  beforeAll(async () => {
    engine = await createTestEngine();
  });
  afterEach(() => reader?.stop());
  afterAll(async () => {
    for (const id of strangers) await removeContainer(engine, id);
  });

  test.each(['list', 'read'] as const)('foreign containers where the operator says %s', async (allowed) => {
    reader = await startOpsServer(undefined, ['--ops-foreign-containers', allowed]);
    const [plain, terminal] = [await makeStranger(engine), await makeStranger(engine, { Tty: true })];
    strangers.push(plain, terminal);
    const token = (await reader.token('reader', ['ops:read', 'ops:write', 'ops:destroy'])).secret;
    const { containers } = await reader.ok('orcaops_list_containers', { limit: 200 }, token);
    const listed = containers.find(({ id }: Listed) => plain.startsWith(id));
    expect(listed).toMatchObject({ kind: 'foreign', image: busybox });
    for (const container_id of [plain, terminal]) {
      const [logs, looked] = [
        await reader.call('orcaops_get_container_logs', { container_id }, token),
        await reader.call('orcaops_inspect_container', { container_id }, token),
      ];
      if (allowed === 'read') {
        expect(logs.body).toMatchObject({ success: true, logs: expect.stringContaining('from a stranger') });
        expect(looked.body).toMatchObject({ kind: 'foreign', state: { running: true } });
        expect(JSON.stringify(looked.body)).not.toContain('of-the-stranger');
      } else {
        expect(logs.body.error).toMatchObject({ code: 'CONTAINER_NOT_OURS' });
        expect(looked.body.error).toMatchObject({ code: 'CONTAINER_NOT_OURS' });
      }
      for (const name of ['stop_container', 'remove_container']) {
        const input = { container_id, ...(name === 'remove_container' && { force: true }) };
        for (const who of [token, reader.admin]) {
          const refused = await reader.fails(`orcaops_${name}`, input, who);
          expect(refused).toMatchObject({ status: 403, code: 'CONTAINER_NOT_OURS' });
        }
      }
      expect(await stateOf(engine, container_id)).toBe('running');
    }
  });
});
