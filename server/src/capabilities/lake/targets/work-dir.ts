import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const dayMs = 86_400_000;
const cleaned = new Set<string>();

/**
 * Runs `work` with a directory of its own below `base`, which goes when it ends. What processes that were killed left there
 * goes with the first use a day later.
 */
export async function withWorkDir<T>(base: string, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = path.join(base, randomUUID());
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (!cleaned.has(base)) await removeOld(base);
  cleaned.add(base);
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function removeOld(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const left = path.join(base, name);
    const found = await stat(left).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - dayMs) await rm(left, { recursive: true, force: true });
  }
}
