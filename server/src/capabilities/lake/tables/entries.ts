import { opendir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** When tables were used last and how large they are, by their place in one reading of the directory. */
export interface Use {
  readonly used: readonly number[];
  readonly bytes: readonly number[];
  /** Reads the directory once more: names are too many to be kept. */
  each(): AsyncGenerator<Entry>;
}

export interface Entry {
  readonly name: string;
  /** Milliseconds; infinite while it is held. */
  readonly used: number;
  readonly bytes: number;
}

/** A file takes this much at least, and an entry is a directory with two files. */
export const leastBytes = 12_288;
const draftMs = 24 * 60 * 60 * 1000;

/**
 * Looks the tables below a directory through; what is left of work that broke off a day ago is removed. Those that are held
 * count as used later than any other.
 */
export async function entriesOf(directory: string, isHeld: (name: string) => boolean): Promise<Use> {
  await removeDrafts(path.join(directory, 'tmp'));
  const used: number[] = [];
  const bytes: number[] = [];
  for await (const entry of each(directory, isHeld)) {
    used.push(entry.used);
    bytes.push(entry.bytes);
  }
  return { used, bytes, each: () => each(directory, isHeld) };
}

async function* each(directory: string, isHeld: (name: string) => boolean): AsyncGenerator<Entry> {
  for await (const shard of await opendir(directory)) {
    if (!/^[0-9a-f]{2}$/.test(shard.name)) continue;
    for await (const { name } of await opendir(path.join(directory, shard.name))) {
      const meta = path.join(directory, shard.name, name, 'meta.json');
      // Without it nobody takes the entry for a table: it goes first.
      const found = await stat(meta).catch(() => undefined);
      const used = isHeld(name) ? Number.POSITIVE_INFINITY : (found?.mtimeMs ?? 0);
      yield { name, used, bytes: leastBytes + (await bytesOf(meta)) };
    }
  }
}

async function bytesOf(meta: string): Promise<number> {
  try {
    const { bytes } = JSON.parse(await readFile(meta, 'utf8')) as { bytes?: unknown };
    return Number(bytes) || 0;
  } catch {
    return 0;
  }
}

async function removeDrafts(directory: string): Promise<void> {
  for await (const { name } of await opendir(directory)) {
    const draft = path.join(directory, name);
    const found = await stat(draft).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - draftMs) await rm(draft, { recursive: true, force: true });
  }
}
