import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createDownstream } from '../../../src/capabilities/workflows/downstream/downstream.ts';
import type { Downstream, DownstreamError } from '../../../src/capabilities/workflows/downstream/types.ts';
import { createSecrets } from '../../../src/core/secrets.ts';
import { readSettings } from '../../../src/core/settings.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { makeTempDir } from '../temp-dir.ts';

export interface DownstreamBench {
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly downstream: Downstream;
  /** All that was logged, nothing taken out of it. */
  log(): string;
  /** Each call as it was measured: server and outcome. */
  readonly outcomes: string[];
  /** Another process's view: the same declarations, connections of its own. */
  another(): Downstream;
  /** What a server of ours noted in its working directory. */
  trace(server: string): string[];
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly breakerMs?: number;
  readonly examineMs?: number;
  readonly flags?: readonly string[];
}

/** Declared servers on a database and a data directory of their own. */
export async function createDownstreamBench(
  servers: readonly object[],
  options: BenchOptions = {},
): Promise<DownstreamBench> {
  const database = await createTestDatabase();
  const base = makeTempDir('downstream');
  const dataDir = path.join(base, 'data');
  const flags = ['--data-dir', dataDir, '--workflows-servers', JSON.stringify(servers), ...(options.flags ?? [])];
  const settings = readSettings(flags, {});
  const outcomes: string[] = [];
  const made: Downstream[] = [];
  let logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });

  const another = () => {
    const next = createDownstream({
      db: database.db,
      secrets: createSecrets(database.db),
      settings,
      log: pino({ level: 'trace' }, sink),
      onCall: (server, outcome) => outcomes.push(`${server} ${outcome}`),
      ...options,
    });
    made.push(next);
    return next;
  };
  const downstream = another();
  await downstream.start();
  const traceFile = (server: string) => path.join(`${dataDir}-servers`, server, 'trace');
  return {
    database,
    dataDir,
    downstream,
    outcomes,
    log: () => logged,
    another,
    trace: (server) =>
      existsSync(traceFile(server)) ? readFileSync(traceFile(server), 'utf8').trim().split('\n') : [],
    async close() {
      await Promise.all(made.map((one) => one.close()));
      await database.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

export const oddServer = path.join(import.meta.dirname, 'odd-server.ts');

/** The declaration of a server that does what its tools are named after; arguments behind its own mark its process. */
export const odd = (name: string, more: object = {}, ...args: readonly string[]) => ({
  name,
  command: process.execPath,
  args: [oddServer, ...args],
  connect_timeout_s: 30,
  ...more,
});

/** The failure of a call, which must fail. */
export async function failureOf(call: Promise<unknown>): Promise<DownstreamError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`it answered ${JSON.stringify(outcome.value)}`);
  return outcome.error as DownstreamError;
}

/** Processes of this machine that were started with this argument. */
export function processesWith(argument: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(argument))
    .map(Number);
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}
