import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe } from 'vitest';
import { createEngine, type Engine } from '../../src/capabilities/ops/docker/client.ts';
import { removeContainer, startContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { inspectImage } from '../../src/capabilities/ops/docker/images.ts';
import { type Command, newToken, type Script } from '../../src/capabilities/ops/runner/bootstrap.ts';
import { type ContainerSpec, containerOptions, defaultLimits } from '../../src/capabilities/ops/runner/profile.ts';
import { createRedactors } from '../../src/capabilities/ops/runner/redact.ts';
import { type RunOptions, type RunResult, runInContainer } from '../../src/capabilities/ops/runner/run-container.ts';
import { dockerHost } from './docker-host.ts';
import { makeTempDir } from './temp-dir.ts';

/** Tests that need a Docker engine: skipped by name where TEST_DOCKER_HOST names none. */
export const describeDocker = describe.skipIf(dockerHost === '');

export const busybox = 'tutti-test/busybox';
export const python = 'tutti-test/python';
export const noShell = 'tutti-test/no-shell';

export type TestRun = Partial<RunOptions<string>> & { readonly env?: Record<string, string>; readonly token?: string };

export interface TestEngine extends Engine {
  /** The label of the containers that this test makes. */
  readonly server: string;
  /** Starts a parked container; answers its id. */
  park(spec?: Partial<ContainerSpec>): Promise<string>;
  /** Runs commands in a container, by default a new one. Artifacts become `<path>=<text>`. */
  run(
    commands: readonly (string | Command)[],
    options?: TestRun,
    container?: string | Partial<ContainerSpec>,
  ): Promise<RunResult<string>>;
  /** Ids of what this test made and is still there. */
  containers(): Promise<string[]>;
  volumes(): Promise<string[]>;
  close(): Promise<void>;
}

let nextUid = 30_000 + Math.floor(Math.random() * 20_000);

/** A client of the engine of the tests that removes at its end what it made. */
export async function createTestEngine(host: string = dockerHost): Promise<TestEngine> {
  const engine = await createEngine(host);
  const server = `test-${randomBytes(6).toString('hex')}`;
  const filters = { label: [`io.tutti.server=${server}`] };
  const containers = async () => (await engine.docker.listContainers({ all: true, filters })).map(({ Id }) => Id);

  const park = async (spec: Partial<ContainerSpec> = {}) => {
    nextUid += 1;
    const image = await inspectImage(engine, spec.image ?? busybox);
    return startContainer(
      engine,
      containerOptions({
        name: `tutti-${randomBytes(8).toString('hex')}`,
        uid: nextUid,
        network: 'none',
        limits: defaultLimits,
        server,
        kind: 'job',
        expires: new Date(Date.now() + 600_000),
        ...spec,
        image: image?.id ?? spec.image ?? busybox,
        imageVolumes: image?.volumes ?? [],
      }),
    );
  };
  return {
    ...engine,
    server,
    park,
    containers,
    async run(commands, { env = {}, token, ...options } = {}, container = {}) {
      const id = typeof container === 'string' ? container : await park(container);
      const never = new AbortController().signal;
      const script = scriptOf(commands, env, token);
      return runInContainer(engine, id, {
        script,
        redactors: createRedactors([]),
        resume: false,
        stop: never,
        leave: never,
        ...options,
      });
    },
    async volumes() {
      const { Volumes } = await engine.docker.listVolumes({ filters });
      return (Volumes ?? []).map(({ Name }) => Name);
    },
    async close() {
      await Promise.all((await containers()).map((id) => removeContainer(engine, id)));
    },
  };
}

export function scriptOf(
  commands: readonly (string | Command)[],
  env: Record<string, string> = {},
  token = newToken(),
): Script {
  return { token, env, commands: commands.map((command) => (typeof command === 'string' ? { command } : command)) };
}

/** Takes artifacts as `<path>=<text>`. */
export function artifactsOf(...patterns: string[]): NonNullable<RunOptions<string>['artifacts']> {
  return { patterns, take: async (file, body) => `${file.path}=${await buffer(body)}` };
}

/** Exit code, stdout and stderr of each step. */
export function outline(result: RunResult<unknown>): (number | string | null)[][] {
  return result.record.steps.map((step) => [step.exit_code, step.stdout.text, step.stderr.text]);
}

export interface CuttableEngine {
  readonly host: string;
  /** Breaks every connection that stands; new ones are let through. */
  cut(): void;
  /** Refuses whoever comes, until told otherwise. */
  refuse(refused: boolean): void;
  /** Answers 500, in the engine's place, to requests that begin so; to none without a pattern. */
  deny(pattern?: RegExp): void;
  close(): Promise<void>;
}

/** A way to the engine of the tests that can be cut. */
export async function createCuttableEngine(): Promise<CuttableEngine> {
  const socketPath = path.join(makeTempDir('docker'), 'docker.sock');
  const open = new Set<Socket>();
  let refused = false;
  let denied: RegExp | undefined;
  const says = '{"message":"denied by the test"}';
  const denial = `HTTP/1.1 500 Internal Server Error\r\nContent-Length: ${says.length}\r\nConnection: close\r\n\r\n${says}`;
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    if (refused) return void client.destroy();
    const target = connect({ path: new URL(dockerHost).pathname, allowHalfOpen: true });
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => open.delete(one) && other.destroySoon());
    }
    const checked = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (!denied?.test(chunk.toString('latin1', 0, 500))) return done(null, chunk);
        client.end(denial);
        target.destroy();
        done();
      },
    });
    client.pipe(checked).pipe(target);
    target.pipe(client);
  }).listen(socketPath);
  await once(proxy, 'listening');
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    host: `unix://${socketPath}`,
    cut,
    refuse: (now) => {
      refused = now;
    },
    deny: (pattern) => {
      denied = pattern;
    },
    async close() {
      cut();
      proxy.close();
      await once(proxy, 'close');
      rmSync(path.dirname(socketPath), { recursive: true });
    },
  };
}
