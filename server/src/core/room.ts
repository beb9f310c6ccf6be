import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from './errors.ts';

/** Less than this is as good as full: PostgreSQL alone wants 16 MiB for the next piece of its log. */
const leastBytes = 8 * 2 ** 20;

/** The failure of whoever finds no room for what he is to keep. Nothing of it is kept. */
export function storageFull(cause?: unknown): AppError {
  return new AppError(
    'STORAGE_FULL',
    'The server has no room left to store this; nothing was changed.',
    'Try again later, with the same idempotency_key if you gave one. The operator makes room: tutti doctor shows where.',
    undefined,
    { cause },
  );
}

/** Rejects with STORAGE_FULL when a data directory, or the disk of its objects, has hardly any room left. */
export async function requireRoom(dataDir: string): Promise<void> {
  for (const directory of [dataDir, path.join(dataDir, 'objects')]) {
    // Objects may be elsewhere.
    const found = await statfs(directory).catch(() => undefined);
    if (found && found.bavail * found.bsize < leastBytes) throw storageFull();
  }
}
