import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../../core/log.ts';
import type { MaterialisedObject } from '../engine/protocol.ts';
import { type Entry, entriesOf, leastBytes, type Use } from './entries.ts';

/** A table that stays until it is released. `files` are whole paths, in the order of the rows. */
export interface HeldTable extends Omit<MaterialisedObject, 'files'> {
  readonly files: readonly string[];
  release(): void;
}

export interface TableCache {
  /** The table of this name; `build` writes its files into the directory that it is given when there is none. */
  hold(name: string, build: (dir: string) => Promise<MaterialisedObject>): Promise<HeldTable>;
  /**
   * Removes tables, but for those that are held or were used since `cutoff`, of whose objects' hashes `loose` answers that
   * nobody names them; a dry run only counts them.
   */
  collect(
    cutoff: Date,
    loose: (hashes: readonly string[]) => Promise<readonly string[]>,
    dryRun: boolean,
  ): Promise<{ count: number; bytes: number }>;
  /** Ends when no removal of old tables runs any more. */
  idle(): Promise<void>;
}

const metaFile = 'meta.json';
const metaSchema = z.looseObject({
  columns: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  rows: z.number(),
  rejected: z.number(),
  rejects: z.array(z.looseObject({})),
});
/** Emptied to this part of the limit, so that not every new table has to look for an old one. */
const emptyTo = 0.9;
const collectedAtOnce = 500;
const parquetMagic = Buffer.from('PAR1');

/**
 * Tables by their name below one directory of this process, at most `maxBytes` of them besides what is held: those unused
 * for longest go first. A table gets its name when it is whole; one that is damaged is built again.
 */
export function createTableCache(directory: string, maxBytes: number, log: Logger): TableCache {
  const drafts = path.join(directory, 'tmp');
  const holders = new Map<string, number>();
  const building = new Map<string, Promise<void>>();
  /** Unknown until the directory was looked through. */
  let total: number | undefined;
  let emptying = Promise.resolve();
  const place = (name: string) => path.join(directory, name.slice(0, 2), name);

  async function publish(name: string, build: (dir: string) => Promise<MaterialisedObject>): Promise<void> {
    const draft = path.join(drafts, randomUUID());
    await mkdir(draft, { recursive: true, mode: 0o700 });
    try {
      const bytes = await writeMeta(draft, await build(draft));
      await mkdir(path.dirname(place(name)), { recursive: true, mode: 0o700 });
      // What is there under its name is damaged, or it would have been taken.
      await rm(place(name), { recursive: true, force: true });
      await rename(draft, place(name));
      if (total !== undefined) total += leastBytes + bytes;
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
    emptying = emptying.then(makeRoom).catch((error: unknown) => log.warn({ error }, 'old tables were not removed'));
  }

  async function makeRoom(): Promise<void> {
    if (total !== undefined && total <= maxBytes) return;
    const uses = await entriesOf(directory, (name) => holders.has(name));
    total = uses.bytes.reduce((sum, bytes) => sum + bytes, 0);
    if (total <= maxBytes) return;
    const before = usedBefore(uses, total - maxBytes * emptyTo);
    for await (const { name, used, bytes } of uses.each()) {
      if (used > before || total <= maxBytes * emptyTo) continue;
      if (await remove(name)) total -= bytes;
    }
  }

  /** False when somebody holds it. */
  async function remove(name: string): Promise<boolean> {
    const away = path.join(drafts, randomUUID());
    // In one go with the renaming, so that nobody takes hold of it in between.
    if (holders.has(name)) return false;
    renameSync(place(name), away);
    await rm(away, { recursive: true, force: true });
    return true;
  }

  async function collectSome(entries: readonly Entry[], loose: readonly string[], dryRun: boolean) {
    const garbage = entries.filter(({ name }) => loose.includes(hashOf(name)));
    const removed: Entry[] = [];
    for (const entry of garbage) if (dryRun || (await remove(entry.name))) removed.push(entry);
    const bytes = removed.reduce((sum, entry) => sum + entry.bytes, 0);
    if (!dryRun && total !== undefined) total -= bytes;
    return { count: removed.length, bytes };
  }

  function drop(name: string): void {
    const left = (holders.get(name) ?? 0) - 1;
    if (left > 0) holders.set(name, left);
    else holders.delete(name);
  }

  return {
    async hold(name, build) {
      holders.set(name, (holders.get(name) ?? 0) + 1);
      try {
        for (;;) {
          const found = await readTable(place(name));
          if (found) {
            let released = false;
            const release = () => {
              if (!released) drop(name);
              released = true;
            };
            return { ...found, release };
          }
          const running = building.get(name);
          if (running) {
            // Whatever stopped the other one, such as its own caller, need not stop this one.
            await running.catch(() => undefined);
            continue;
          }
          const own = publish(name, build).finally(() => building.delete(name));
          building.set(name, own);
          await own;
        }
      } catch (error) {
        drop(name);
        throw error;
      }
    },
    async collect(cutoff, loose, dryRun) {
      await mkdir(drafts, { recursive: true, mode: 0o700 });
      const { each } = await entriesOf(directory, (name) => holders.has(name));
      const done = { count: 0, bytes: 0 };
      let some: Entry[] = [];
      const settle = async () => {
        const hashes = [...new Set(some.map(({ name }) => hashOf(name)))];
        const { count, bytes } = await collectSome(some, await loose(hashes), dryRun);
        done.count += count;
        done.bytes += bytes;
        some = [];
      };
      for await (const entry of each()) {
        if (entry.used < cutoff.getTime()) some.push(entry);
        if (some.length === collectedAtOnce) await settle();
      }
      await settle();
      return done;
    },
    idle: () => emptying,
  };
}

/** Names begin with the hash of the object. */
const hashOf = (name: string) => name.slice(0, 64);

/** The time of use up to which entries have to go so that `bytes` become free. */
function usedBefore({ used, bytes }: Use, wanted: number): number {
  const order = Uint32Array.from(used.keys()).sort((a, b) => (used[a] as number) - (used[b] as number));
  let sum = 0;
  for (const at of order) {
    sum += bytes[at] as number;
    if (sum >= wanted) return used[at] as number;
  }
  return Number.POSITIVE_INFINITY;
}

/** Writes what is known of a table beside its files; answers the bytes of all. */
async function writeMeta(dir: string, table: MaterialisedObject): Promise<number> {
  const files = [];
  for (const name of table.files) files.push({ name, bytes: await parquetBytes(path.join(dir, name)) });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  await writeFile(path.join(dir, metaFile), JSON.stringify({ ...table, files, bytes }), { mode: 0o600 });
  return bytes;
}

/** The table in a directory, marked as used now; undefined when there is none or it is not whole. */
async function readTable(dir: string): Promise<Omit<HeldTable, 'release'> | undefined> {
  try {
    const meta = metaSchema.parse(JSON.parse(await readFile(path.join(dir, metaFile), 'utf8')));
    for (const { name, bytes } of meta.files) {
      if ((await parquetBytes(path.join(dir, name))) !== bytes) return undefined;
    }
    const now = new Date();
    await utimes(path.join(dir, metaFile), now, now);
    return {
      ...(meta as unknown as MaterialisedObject),
      files: meta.files.map(({ name }) => path.join(dir, name)),
    };
  } catch {
    return undefined;
  }
}

/** The size of a Parquet file; -1 when it does not end as one does. */
async function parquetBytes(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
    return buffer.equals(parquetMagic) ? size : -1;
  } finally {
    await handle.close();
  }
}
