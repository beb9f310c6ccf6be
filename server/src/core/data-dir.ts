import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Makes the data directory. As root others may pass through it, for PostgreSQL there runs as a user of its own. */
export function makeDataDir(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivateFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

export interface ServerInfo {
  readonly pid: number;
  readonly url: string;
  /** The owner-only socket, by which `tutti mcp` gets its token. */
  readonly control: string;
}

const infoFile = (directory: string) => path.join(directory, 'server.json');

/** Notes where the server of a data directory listens, for whoever looks for it there. */
export function writeServerInfo(directory: string, info: ServerInfo): void {
  writePrivateFile(infoFile(directory), `${JSON.stringify(info)}\n`);
}

export function readServerInfo(directory: string): ServerInfo | undefined {
  try {
    return JSON.parse(readFileSync(infoFile(directory), 'utf8')) as ServerInfo;
  } catch {
    return undefined;
  }
}
