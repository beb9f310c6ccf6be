import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const command = path.join(import.meta.dirname, '../../../client/bin/tutti.js');

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  /** Calls a tool; throws when no answer comes. */
  call(name: string, input: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Runs `tutti serve` as a process of its own, and waits until it is ready. */
export async function serveProcess(dataDir: string, flags: readonly string[] = []): Promise<ServeProcess> {
  const { child, output, gone } = tutti(['serve', '--port', '0', '--data-dir', dataDir, ...flags]);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /MCP +(\S+)\/mcp/.exec(output());
      if (found?.[1]) resolve(found[1]);
    });
    void gone.then((code) => reject(new Error(`tutti serve ended with ${code}: ${output()}`)));
  });
  const tokenFile = path.join(dataDir, 'admin.token');
  while (!existsSync(tokenFile)) await sleep(10);
  const token = readFileSync(tokenFile, 'utf8').trim();
  return {
    child,
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

function tutti(args: readonly string[]) {
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, gone, output: () => text };
}
