import { sql } from 'kysely';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { installationId, putEngine } from '../../src/capabilities/ops/engines/store.ts';
import { type Body, type CheckedCalls, checkedCalls } from './checked-calls.ts';
import { busybox } from './docker.ts';
import { dockerHost } from './docker-host.ts';
import { startTestServer, type TestServer } from './server.ts';

export interface OpsServer extends TestServer, CheckedCalls {
  /** Runs commands in busybox, to their end. */
  run(commands: readonly string[], more?: object): Promise<Body>;
  submit(commands: readonly string[], more?: object): Promise<Body>;
  /** Waits for the end of a job. */
  ended(jobId: string): Promise<Body>;
  /** Ids of this server's containers on the engine of the tests, but those that wait in the pool. */
  containers(): Promise<string[]>;
  /** Ids of those that wait in the pool. */
  parked(): Promise<string[]>;
}

/** The whole server, with the engine of the tests unless told otherwise. */
export async function startOpsServer(host: string = dockerHost, flags: readonly string[] = []): Promise<OpsServer> {
  const server = await startTestServer(['--ops-docker-host', host, ...flags]);
  const calls = checkedCalls(server);
  const { ok } = calls;
  return {
    ...server,
    ...calls,
    run: (commands, more = {}) => ok('orcaops_run_job', { image: busybox, commands, wait_s: 40, ...more }),
    submit: (commands, more = {}) => ok('orcaops_submit_job', { image: busybox, commands, ...more }),
    ended: (job_id) => ok('orcaops_get_job_status', { job_id, wait_s: 40 }),
    containers: async () => (await containersOf(server)).containers,
    parked: async () => (await containersOf(server)).parked,
  };
}

async function containersOf({ database }: TestServer): Promise<{ containers: string[]; parked: string[] }> {
  const { docker } = await createEngine(dockerHost);
  const id = await installationId(database.db, () => 'srv_test');
  const filters = { label: [`io.tutti.server=${id}`] };
  const found = await docker.listContainers({ all: true, filters });
  // After the engine's: one that is made meanwhile is not among them.
  const { rows } = await sql<{ name: string }>`select name from ops_containers where run_id is null`.execute(
    database.db,
  );
  const waiting = new Set(rows.map(({ name }) => `/${name}`));
  const isParked = ({ Names }: { Names: string[] }) => Names.some((name) => waiting.has(name));
  return {
    containers: found.filter((one) => !isParked(one)).map(({ Id }) => Id),
    parked: found.filter(isParked).map(({ Id }) => Id),
  };
}

/** An engine that was there once, so that jobs are taken and wait for it. */
export function rememberEngine(
  { database }: TestServer,
  name = 'local',
  labels: readonly string[] = [],
): Promise<void> {
  return putEngine(database.db, { name, labels: [...labels], capacity: 4, version: null, info: null });
}
