import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync, type Stats, statSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What fits into the address of a Unix socket, without its end. */
const maxPathBytes = process.platform === 'linux' ? 107 : 103;

/**
 * Where the owner's socket of a data directory stands: in it, or in a short directory of its own when the path is too
 * long for a socket or when others may write to the data directory. Only its owner can write where it stands.
 */
export function controlPath(dataDir: string): string {
  const usual = path.join(dataDir, 'control.sock');
  if (Buffer.byteLength(usual) <= maxPathBytes && isPrivate(statSync(dataDir))) return usual;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const directory = path.join(tmpdir(), `tutti-${process.getuid?.() ?? 0}-${name}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Not even a link to such a directory will do: anybody may make one there.
  if (!isPrivate(lstatSync(directory)))
    throw new Error(`${directory} is not a directory that only its owner can write to`);
  return path.join(directory, 'control.sock');
}

/**
 * Listens on a socket that only its owner can connect to. One that an earlier server left behind is replaced: the caller
 * holds the data directory's lock, so nobody listens there.
 */
export async function listenPrivately(server: Server, socket: string): Promise<void> {
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // The socket appears within this call, so that at no time others could connect to it.
    const before = process.umask(0o177);
    try {
      server.listen(socket, resolve);
    } finally {
      process.umask(before);
    }
  });
}

/** Whether this is a directory that belongs to this user and that nobody else can write to. */
function isPrivate(found: Stats): boolean {
  return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid) && (found.mode & 0o022) === 0;
}
