import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { busybox } from './docker.ts';
import { nowhere } from './docker-host.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import type { ServeProcess, WorkerProcess } from './serve-process.ts';
import { createSite, type Site } from './several.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** Two engines, each in a network namespace of its own, and a server on one database with them that reaches neither. */
export interface Engines {
  readonly site: Site;
  readonly server: ServeProcess;
  readonly east: Dockerd;
  readonly west: Dockerd;
  /** Starts a worker beside an engine, with room for two jobs unless told otherwise. */
  worker(name: string, engine: 'east' | 'west', flags?: readonly string[]): Promise<WorkerProcess>;
  /** Calls a tool of the server, which must succeed. */
  ok(name: string, input?: unknown): Promise<Body>;
  /** Calls a tool of the server, which must fail; answers its error. */
  fails(name: string, input?: unknown): Promise<Body>;
  submit(job_id: string, commands: readonly string[], more?: object): Promise<Body>;
  /** The job once it has ended. */
  ended(job_id: string): Promise<Body>;
  /** The job once it has begun and written such a line. */
  wrote(job_id: string, text: string): Promise<void>;
  /** The engine as the server tells of it. */
  told(engine: string): Promise<Body>;
  /** Waits until some process reaches an engine. */
  reached(engine: string): Promise<void>;
  /** Names of the containers of ours on an engine. */
  containers(engine: Dockerd): Promise<string[]>;
  close(): Promise<void>;
}

export async function startEngines(): Promise<Engines> {
  // First: it fails where a service of the tests is missing, and nobody would stop the engines.
  const site = await createSite();
  const [east, west] = await Promise.all([startDockerd(), startDockerd()]);
  const close = async () => {
    await site.close();
    await Promise.all([east.stop(), west.stop()]);
  };
  const flags = ['--ops-docker-host', nowhere, '--jobs-concurrency', '0'];
  const server = await site.serve('server', flags).catch(async (error) => {
    await close();
    throw error;
  });
  const hosts = { east: east.host, west: west.host };
  const ok = async (name: string, input: unknown = {}): Promise<Body> => {
    const { status, body } = await server.call(name, input);
    expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
    return body;
  };
  const told = async (engine: string): Promise<Body> =>
    (await ok('orcaops_system_info')).engines.find((one: Body) => one.name === engine);
  return {
    site,
    server,
    east,
    west,
    worker: (name, engine, flags = []) =>
      site.worker(name, [
        ...['--ops-docker-host', hosts[engine], '--ops-engine-name', engine],
        ...['--ops-engine-labels', engine === 'east' ? 'gpu,big' : 'arm64,big', '--ops-capacity', '2'],
        ...flags,
      ]),
    ok,
    async fails(name, input = {}) {
      const { status, body } = await server.call(name, input);
      expect(body).toMatchObject({ success: false });
      return { status, ...(body.error as object) };
    },
    submit: (job_id, commands, more = {}) => ok('orcaops_submit_job', { image: busybox, job_id, commands, ...more }),
    async ended(job_id) {
      for (;;) {
        const run = await ok('orcaops_get_job_status', { job_id, wait_s: 10 });
        if (run.finished_at) return run;
      }
    },
    async wrote(job_id, text) {
      const output = async () => (await ok('orcaops_get_job_logs', { job_id })).steps[0]?.stdout ?? '';
      await expect.poll(output, { timeout: 60_000 }).toContain(text);
    },
    told,
    async reached(engine) {
      // Before any was reached the tool has nothing to tell of.
      const find = async () => (await server.call('orcaops_system_info', {})).body.engines as Body[] | undefined;
      while (!(await find())?.some(({ name, reachable }) => name === engine && reachable)) await sleep(100);
    },
    async containers({ host }) {
      const { docker } = await createEngine(host);
      const found = await docker.listContainers({ all: true, filters: { label: ['io.tutti.kind'] } });
      return found.map(({ Names }) => (Names[0] ?? '').slice(1));
    },
    close,
  };
}
