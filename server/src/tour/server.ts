import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmailPlaces, emailSettings } from './email.ts';
import { orchestraSettings, startOrchestra } from './orchestra.ts';

interface TourServer {
  readonly url: string;
  readonly token: string;
}

export interface TourProcess {
  readonly dataDir: string;
  /** While this file is there, a service of the email example fails for the mails that it names. */
  readonly outOfOrder: string;
  readonly scratch: string;
  /** Runs the `tutti` command for this data directory, without settings of this machine. */
  tutti(...args: readonly string[]): Promise<string>;
  /** Ends the server alone, in order if it can. */
  end(): Promise<void>;
  /** Waits until the server takes calls; throws with its last words when it ends before. */
  ready(): Promise<TourServer>;
  /** Ends the server, in order if it can, and removes its data unless that is to be kept. */
  stop(keep: boolean): Promise<void>;
}

const command = fileURLToPath(new URL('../../bin/tutti.js', import.meta.url));
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const patienceMs = 60_000;
const graceMs = 15_000;
const lastWords = 4000;

interface ServerOptions {
  readonly dockerHost?: string | undefined;
  readonly email?: Omit<EmailPlaces, 'outOfOrder'>;
  /** With a simulated Orchestra, which it asks. */
  readonly orchestra?: boolean;
  /** Its log goes to standard error. */
  readonly verbose: boolean;
}

/**
 * Starts `tutti serve` on a data directory of its own, with the services of the email example declared. It inherits no
 * settings: only what any program needs.
 */
export async function startServerProcess({
  dockerHost,
  email,
  orchestra,
  verbose,
}: ServerOptions): Promise<TourProcess> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tutti-tour-'));
  const [dataDir, outOfOrder] = ['data', 'out-of-order'].map((name) => path.join(directory, name)) as [string, string];
  await mkdir(dataDir);
  // As for any data directory: where Tutti is root, PostgreSQL and the services are other users who must pass through.
  if (process.getuid?.() === 0) await Promise.all([directory, dataDir].map((one) => chmod(one, 0o711)));
  const keyFile = path.join(directory, 'orchestra.key');
  const simulator = orchestra ? await startOrchestra() : undefined;
  if (simulator) await writeFile(keyFile, simulator.key, { mode: 0o600 });
  const settings = emailSettings({ ...email, outOfOrder }) + (simulator ? orchestraSettings(simulator, keyFile) : '');
  await writeFile(path.join(dataDir, 'tutti.yaml'), settings, { mode: 0o600 });
  const env = { PATH: systemPath, HOME: homedir(), TMPDIR: tmpdir() };
  const engine = dockerHost === undefined ? [] : ['--ops-docker-host', dockerHost];
  const child = spawn(process.execPath, [command, 'serve', '--port', '0', '--data-dir', dataDir, ...engine], {
    // A group of its own: an interrupt at the terminal is for the tour, which then stops the server in order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-lastWords);
    if (verbose) process.stderr.write(chunk);
  });
  child.on('error', (error) => {
    said += error.message;
  });
  return {
    dataDir,
    outOfOrder,
    scratch: directory,
    async tutti(...args) {
      const own = { ...env, TUTTI_DATA_DIR: dataDir };
      const { stdout } = await promisify(execFile)(process.execPath, [command, ...args], { env: own });
      return stdout;
    },
    end: () => end(child),
    ready: () => ready(child, dataDir, () => said),
    async stop(keep) {
      await end(child);
      simulator?.stop();
      if (!keep) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess, dataDir: string, said: () => string): Promise<TourServer> {
  const note = path.join(dataDir, 'server.json');
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(50)) {
    if (hasEnded(child))
      throw new Error(`the server\nexpected it to run\ngot its end with ${child.exitCode}: ${said()}`);
    if (!existsSync(note)) continue;
    const { url } = JSON.parse(await readFile(note, 'utf8'));
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return { url, token: (await readFile(path.join(dataDir, 'admin.token'), 'utf8')).trim() };
  }
  throw new Error(`the server\nexpected it to be ready within ${patienceMs / 1000} s\ngot no answer: ${said()}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(force);
}

/** One that could not even be started has no pid. */
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
