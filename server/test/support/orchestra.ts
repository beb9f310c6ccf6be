import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../examples/orchestra-simulator/server.ts';
import { createOrchestraClient } from '../../src/capabilities/orchestra/client/client.ts';
import { connectionOf } from '../../src/capabilities/orchestra/client/connection.ts';
import type { OrchestraApi } from '../../src/capabilities/orchestra/client/orchestra-api.ts';
import type { Page } from '../../src/capabilities/orchestra/client/pages.ts';
import type { Pace } from '../../src/capabilities/orchestra/client/policy.ts';
import { orchestraErrors } from '../../src/capabilities/orchestra/errors.ts';
import { addErrorCodes, type ErrorEnvelope } from '../../src/core/errors.ts';
import { startTestServer, type TestServer } from './server.ts';
import { makeTempDir } from './temp-dir.ts';

addErrorCodes(orchestraErrors);

/** The seed's failed run. */
export const seedRun = '8e808ad7-70c7-4718-8b60-ee4c915c34de';
export const simulatorKey = 'simulator-key';

/** So short that a test never waits for it; each attempt has all the time that a slow machine takes. */
export const quickPace: Partial<Pace> = { baseMs: 1, capMs: 4, attemptMs: 30_000, deadlineMs: 60_000 };

/** A simulated Orchestra for this file. */
export async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ key: simulatorKey, ...options });
  afterAll(() => simulator.close());
  return simulator;
}

/** The API of a simulator as the capability reaches it, through the real egress; each `open` is one call of a tool. */
export function clientOf(
  { url }: Pick<Simulator, 'url'>,
  { pace = {}, key = simulatorKey }: { pace?: Partial<Pace>; key?: string } = {},
): (signal?: AbortSignal) => OrchestraApi {
  const client = createOrchestraClient(connectionOf(key, url), { allow: ['127.0.0.1'] }, { ...quickPace, ...pace });
  afterAll(() => client.close());
  return client.open;
}

/** All items of a list. */
export async function all<T>(pages: AsyncIterable<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  for await (const { items } of pages) found.push(...items);
  return found;
}

/** Id of the newest run of a pipeline of the simulator. */
export function newestRun({ state }: Simulator, alias: string): string {
  const run = state.runs().find(({ pipeline }) => pipeline.alias === alias);
  if (!run) throw new Error(`no run of ${alias}`);
  return run.id;
}

export interface OrchestraServer extends TestServer {
  /** Calls a tool and answers what it answered; anything but success fails the test. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
  ok(name: string, input?: unknown, token?: string): Promise<any>;
  /** Calls a tool that must fail, and answers the error. */
  fails(name: string, input?: unknown, token?: string): Promise<ErrorEnvelope['error'] & { readonly status: number }>;
}

/** A server of Tutti that asks the simulator, with the simulator's key in a file. */
export async function startOrchestraServer(
  { url }: Pick<Simulator, 'url'>,
  flags: readonly string[] = [],
): Promise<OrchestraServer> {
  const file = path.join(makeTempDir('orchestra'), 'key');
  writeFileSync(file, `${simulatorKey}\n`, { mode: 0o600 });
  const server = await startTestServer([
    ...['--orchestra-api-key', `file:${file}`, '--orchestra-api-base-url', url],
    ...['--orchestra-backoff-ms', '1', '--egress-allow', '127.0.0.1'],
    ...flags,
  ]);
  afterAll(async () => {
    await server.stop();
    rmSync(path.dirname(file), { recursive: true });
  });
  return {
    ...server,
    async ok(name, input, token) {
      const { status, body } = await server.call(name, input, token);
      expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
      return body;
    },
    async fails(name, input, token) {
      const { status, body } = await server.call(name, input, token);
      expect({ name, success: body.success }).toEqual({ name, success: false });
      return { ...body.error, status };
    },
  };
}
