import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './server.ts';

const command = path.join(import.meta.dirname, '../../../client/bin/tutti.js');

/** A command of ours that runs until it is told to stop. */
export interface Running {
  readonly child: ChildProcess;
  kill(): Promise<void>;
  /** What it wrote so far, its log included. */
  output(): string;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

export interface ServeProcess extends Running {
  readonly url: string;
  readonly token: string;
  /** Calls a tool; throws when no answer comes. */
  call(name: string, input: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** PUTs bytes to a presigned URL. */
  put(url: string, headers: Record<string, string>, body: string | Uint8Array): Promise<Answer>;
}

export interface WorkerProcess extends Running {
  /** Where it tells its health. */
  readonly url: string;
}

export interface ServeOptions {
  /** Variables of its environment besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** It only reads, and mints no token. */
  readonly readOnly?: boolean;
  /** A file that is open for writing and takes its log. */
  readonly logFile?: number;
}

/** Runs `tutti serve` as a process of its own, and waits until it is ready. */
export async function serveProcess(
  dataDir: string,
  flags: readonly string[] = [],
  options: ServeOptions = {},
): Promise<ServeProcess> {
  const { url, ...running } = await started(
    tutti(['serve', '--port', '0', '--data-dir', dataDir, ...flags], options),
    /MCP +(\S+)\/mcp/,
  );
  const tokenFile = path.join(dataDir, 'admin.token');
  while (!options.readOnly && !existsSync(tokenFile)) await sleep(10);
  const token = options.readOnly ? '' : readFileSync(tokenFile, 'utf8').trim();
  return {
    ...running,
    url,
    token,
    async call(name, input) {
      const response = await fetch(`${url}/tools/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(20_000),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async put(to, headers, body) {
      const response = await fetch(to, { method: 'PUT', headers, body });
      // An S3 answers nothing, or XML.
      const text = await response.text();
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
    },
  };
}

/** Runs `tutti worker` as a process of its own, and waits until it works. */
export function workerProcess(dataDir: string, flags: readonly string[] = []): Promise<WorkerProcess> {
  return started(tutti(['worker', '--worker-port', '0', '--data-dir', dataDir, ...flags]), /Health +(\S+)\/readyz/);
}

/** Waits until a command has told its URL. */
async function started({ child, output, gone }: ReturnType<typeof tutti>, told: RegExp): Promise<WorkerProcess> {
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = told.exec(output());
      if (found?.[1]) resolve(found[1]);
    });
    void gone.then((code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}: ${output()}`)));
  });
  return {
    child,
    url,
    output,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      child.kill('SIGTERM');
      return gone;
    },
  };
}

/** Runs the command to its end. */
export async function runTutti(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { gone, output } = tutti(args);
  return { code: await gone, output: output() };
}

function tutti(args: readonly string[], { env = {}, logFile }: ServeOptions = {}) {
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', logFile ?? 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, gone, output: () => text };
}
