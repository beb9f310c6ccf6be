import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FormerTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { AnyClient } from './mcp-clients.ts';

const bin = path.join(import.meta.dirname, '../../../client/bin');

export interface BridgeOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The command: `tutti` (the default), `orcaops-mcp` or `orchestra-mcp`. */
  readonly command?: string;
}

export interface Bridge {
  readonly client: AnyClient;
  readonly revision: string | undefined;
  readonly pid: number;
  /** All that came on standard error. */
  notes(): string;
}

type Connect = (dataDir: string, options?: BridgeOptions) => Promise<Bridge>;

/** The official clients, each with a bridge of its own as the child that they start. */
export const bridgeConnectors: Readonly<Record<string, Connect>> = {
  'v2 client, negotiating': (dataDir, options) => connectV2(dataDir, 'auto', options),
  'v2 client, legacy': (dataDir, options) => connectV2(dataDir, 'legacy', options),
  'v1 client': async (dataDir, options) => {
    const client = new FormerClient({ name: 'test', version: '1.0.0' });
    const transport = new FormerTransport(bridgeCommand(dataDir, options));
    const notes = collect(transport.stderr);
    await client.connect(transport);
    return { client: client as unknown as AnyClient, revision: undefined, pid: transport.pid as number, notes };
  },
};

export const connectBridge: Connect = (dataDir, options) => connectV2(dataDir, 'legacy', options);

async function connectV2(dataDir: string, mode: 'auto' | 'legacy', options?: BridgeOptions): Promise<Bridge> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  const transport = new StdioClientTransport(bridgeCommand(dataDir, options));
  const notes = collect(transport.stderr);
  await client.connect(transport);
  const revision = client.getNegotiatedProtocolVersion();
  return { client: client as unknown as AnyClient, revision, pid: transport.pid as number, notes };
}

/** How to start a bridge. A server that it has to start takes a free port. */
export function bridgeCommand(dataDir: string, { flags = [], env = {}, command = 'tutti' }: BridgeOptions = {}) {
  return {
    command: process.execPath,
    args: [
      path.join(bin, `${command}.js`),
      ...(command === 'tutti' ? ['mcp'] : []),
      '--data-dir',
      dataDir,
      '--debug',
      ...flags,
    ],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', TUTTI_PORT: '0', ...env },
    stderr: 'pipe' as const,
  };
}

function collect(stream: { on(event: 'data', take: (chunk: Buffer) => void): unknown } | null): () => string {
  let text = '';
  stream?.on('data', (chunk) => {
    text += chunk.toString();
  });
  return () => text;
}

export interface Asked {
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
  readonly answer: any;
  readonly socket: Socket;
}

/** Sends one line to the control socket of a data directory, and leaves the connection open. */
export async function askControl(dataDir: string, request: unknown): Promise<Asked> {
  const socket = connect(serverInfo(dataDir).control);
  socket.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
  const [chunk] = await new Promise<[Buffer]>((resolve, reject) => {
    socket.once('data', (data: Buffer) => resolve([data]));
    socket.once('error', reject);
  });
  return { answer: JSON.parse(chunk.toString()), socket };
}

export function serverInfo(dataDir: string): { pid: number; url: string; control: string } {
  return JSON.parse(readFileSync(path.join(dataDir, 'server.json'), 'utf8'));
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ends the server that a bridge started, and removes its data directory. */
export async function stopStartedServer(dataDir: string): Promise<void> {
  if (existsSync(path.join(dataDir, 'server.json'))) {
    const { pid } = serverInfo(dataDir);
    if (isAlive(pid)) process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid));
  }
  await rm(dataDir, { recursive: true, force: true });
}

/** Waits until something is so. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await done()); tries += 1) {
    if (tries > 300) throw new Error('it did not come to be so');
    await sleep(100);
  }
}
