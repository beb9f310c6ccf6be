import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createEngine, type Engine } from '../../src/capabilities/ops/docker/client.ts';
import { describeDocker } from './docker.ts';
import { dockerHost } from './docker-host.ts';
import { type OpsServer, startOpsServer } from './ops.ts';
import { makeTemplates } from './sandboxes.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** A server with the templates of the tests, and calls of its sandbox tools that must succeed. */
export interface SandboxKit {
  /** From the first test on. */
  readonly ops: OpsServer;
  readonly engine: Engine;
  readonly wait_s: number;
  create(name: string, template?: string, more?: object): Promise<Body>;
  start(name: string): Promise<Body>;
  stop(name: string, volumes?: boolean): Promise<Body>;
  remove(name: string): Promise<Body>;
  /** In the service `web` unless told otherwise. */
  exec(name: string, command: string | string[], more?: object): Promise<Body>;
  show(name: string): Promise<Body>;
  /** Where the first port of its first service answers. */
  urlOf(sandbox: Body): string;
}

/** Tests of sandboxes on a server of their own, each of which leaves none behind. */
export function describeSandboxes(name: string, body: (kit: SandboxKit) => void, flags: readonly string[] = []): void {
  describeDocker(name, () => {
    let ops: OpsServer;
    let engine: Engine;
    let templates: string;
    beforeAll(async () => {
      templates = makeTemplates();
      ops = await startOpsServer(dockerHost, ['--ops-templates-dir', templates, ...flags]);
      engine = await createEngine(dockerHost);
    });
    // What a test that failed left, so that it fails alone.
    afterEach(async () => {
      for (const one of (await ops.ok('orcaops_list_sandboxes')).sandboxes)
        await ops.ok('orcaops_delete_sandbox', { name: one.name, snapshots: true, wait_s });
    });
    afterAll(async () => {
      await ops?.stop();
      rmSync(templates, { recursive: true, force: true });
    });
    const wait_s = 40;
    body({
      get ops() {
        return ops;
      },
      get engine() {
        return engine;
      },
      wait_s,
      create: (name, template = 'pair', more = {}) =>
        ops.ok('orcaops_create_sandbox', { name, template, wait_s, ...more }),
      start: (name) => ops.ok('orcaops_start_sandbox', { name, wait_s }),
      stop: (name, volumes = false) => ops.ok('orcaops_stop_sandbox', { name, volumes, wait_s }),
      remove: (name) => ops.ok('orcaops_delete_sandbox', { name, snapshots: true, wait_s }),
      exec: (name, command, more = {}) => ops.ok('orcaops_exec_sandbox', { name, service: 'web', command, ...more }),
      show: (name) => ops.ok('orcaops_get_sandbox', { name }),
      urlOf({
        services: [
          {
            ports: [{ host, host_port }],
          },
        ],
      }) {
        return `http://${host}:${host_port}/`;
      },
    });
  });
}
