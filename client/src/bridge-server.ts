import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askToken, type ControlRequest, controlSocket, type Grant } from './bridge-control.ts';
import { TuttiError } from './error.ts';

export interface Reach {
  readonly dataDir: string;
  readonly request: ControlRequest;
  /** The environment of a server that has to be started. */
  readonly environment: NodeJS.ProcessEnv;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

const readyMs = 90_000;
const tooLargeLog = 16 * 2 ** 20;

/**
 * Gets a token of the data directory's server, and starts that server when none has answered for `patienceMs`. Of several
 * that are started at once the directory's lock leaves one; the others end, and whoever started them waits for that one.
 */
export async function reachServer(reach: Reach, patienceMs: number): Promise<Grant> {
  const begun = performance.now();
  let startAt = begun + patienceMs;
  let started: Started | undefined;
  for (;;) {
    const grant = await askToken(controlSocket(reach.dataDir), reach.request);
    if (grant) return grant;
    reach.signal.throwIfAborted();
    if (performance.now() - begun > readyMs) throw notStarted('did not become ready', started);
    if (!started && performance.now() >= startAt) {
      reach.note('no server runs here: starting one\n');
      started = start(reach, []);
    } else if (started?.code === 0) {
      // Another server had the lock. It is starting, or just ending: then nobody will come.
      started = undefined;
      startAt = performance.now() + 1000;
    } else if (started?.code !== undefined && !started.anyPort && isPortTaken(started)) {
      reach.note('the port is taken: starting the server on a free one\n');
      started = start(reach, ['--port', '0']);
    } else if (started?.code !== undefined) {
      throw notStarted('could not start', started);
    }
    await sleep(100);
  }
}

interface Started {
  readonly log: string;
  /** Where its own words begin in the log. */
  readonly from: number;
  readonly anyPort: boolean;
  /** Its exit code once it has ended. */
  code: number | undefined;
}

/** Starts the server in a group of its own, so that neither the end of the bridge nor Ctrl-C there reaches it. */
function start({ dataDir, environment }: Reach, flags: readonly string[]): Started {
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const log = path.join(dataDir, 'server.log');
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > tooLargeLog) renameSync(log, `${log}.1`);
  const output = openSync(log, 'a', 0o600);
  const started: Started = { log, from: statSync(log).size, anyPort: flags.length > 0, code: undefined };
  const command = fileURLToPath(new URL('../bin/tutti.js', import.meta.url));
  const child = spawn(process.execPath, [command, 'serve', '--data-dir', dataDir, ...flags], {
    detached: true,
    // The directory where the bridge runs may go away before the server does.
    cwd: dataDir,
    stdio: ['ignore', output, output],
    env: environment,
  });
  closeSync(output);
  child.once('error', () => {
    started.code = 1;
  });
  child.once('exit', (code) => {
    started.code = code ?? 1;
  });
  child.unref();
  return started;
}

function isPortTaken({ log, from }: Started): boolean {
  return readFileSync(log).subarray(from).includes('Another program listens at');
}

function notStarted(what: string, started: Started | undefined): TuttiError {
  return new TuttiError({
    code: 'UNAVAILABLE',
    message: `The Tutti server ${what}.`,
    suggestion: started
      ? `Its log says why: ${started.log}`
      : 'Start it by hand with `tutti serve` and see what it says.',
    retryable: true,
  });
}
