import { spawn } from 'node:child_process';
import path from 'node:path';
import { run } from '../src/cli.ts';
import type { Terminal } from '../src/terminal.ts';

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly notes: string;
}

export interface Surroundings {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
  /** What stands on standard input. */
  readonly input?: string;
  /** The answer of the person at the terminal; absent when there is nobody. */
  readonly answer?: boolean;
}

/** Runs the command in this process and listens to what it says. */
export async function tutti(args: readonly string[], around: Surroundings = {}): Promise<Said & { asked: string[] }> {
  const said = { out: '', notes: '', asked: [] as string[] };
  const { answer } = around;
  const confirm = async (question: string) => {
    said.asked.push(question);
    return answer === true;
  };
  const terminal: Terminal = {
    out: (text) => {
      said.out += text;
    },
    note: (text) => {
      said.notes += text;
    },
    readInput: async () => around.input ?? '',
    ...(answer === undefined ? {} : { confirm }),
  };
  const environment = { url: around.url, token: around.token, dataDir: around.dataDir ?? '/nonexistent' };
  const code = await run(args, terminal, environment);
  return { code, ...said };
}

const command = path.join(import.meta.dirname, '../bin/tutti.js');

/** Runs the command as a process of its own, by the Node of the tests or another one. */
export function tuttiProcess(args: readonly string[], node = process.execPath, bin = command): Promise<Said> {
  const child = spawn(node, [bin, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // biome-ignore lint/style/noProcessEnv: a program finds others by it; no setting of this machine may reach the command
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  const said = { out: '', notes: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.notes += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
