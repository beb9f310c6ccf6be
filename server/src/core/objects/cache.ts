import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.ts';
import { createMeasure } from './hash.ts';
import type { LocalFile } from './object-store.ts';
import { s3Failure } from './s3-client.ts';

interface Entry {
  readonly size: number;
  holders: number;
}

export interface Cache {
  /** A file with the bytes of this hash, fetched when it is not there. It stays until it is released. */
  hold(sha256: string, fetch: () => Promise<{ readonly body: Readable; readonly size: number }>): Promise<LocalFile>;
}

/**
 * Files by their hash in a directory of this process, at most `maxBytes` of them besides what is held: the one unused for
 * longest goes first. A file gets its name when its bytes are whole and have its hash, so what is there can be trusted.
 */
export function createCache(directory: string, maxBytes: number): Cache {
  /** In the order of use, the oldest first. */
  let entries: Map<string, Entry> | undefined;
  /** Bytes of the downloads that run. */
  let arriving = 0;
  const fetching = new Map<string, Promise<void>>();
  const file = (sha256: string) => path.join(directory, sha256);

  /** At the first use, so that a start does not wait for it. */
  function open(): Map<string, Entry> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = readdirSync(directory).flatMap((name) => {
      if (/^[0-9a-f]{64}$/.test(name)) return [{ name, stat: statSync(file(name)) }];
      rmSync(file(name), { force: true }); // half of a download that broke off
      return [];
    });
    found.sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs);
    return new Map(found.map(({ name, stat }) => [name, { size: stat.size, holders: 0 }]));
  }

  /** In one go: an entry that goes is gone with its file before anybody asks for it again. */
  function makeRoom(known: Map<string, Entry>): void {
    let total = arriving;
    for (const entry of known.values()) total += entry.size;
    for (const [sha256, entry] of known) {
      if (total <= maxBytes) return;
      if (entry.holders > 0) continue;
      known.delete(sha256);
      total -= entry.size;
      rmSync(file(sha256), { force: true });
    }
  }

  async function download(
    known: Map<string, Entry>,
    sha256: string,
    fetch: () => Promise<{ readonly body: Readable; readonly size: number }>,
  ): Promise<void> {
    const { body, size } = await fetch();
    const draft = path.join(directory, `part-${randomUUID()}`);
    arriving += size;
    try {
      makeRoom(known);
      await mkdir(directory, { recursive: true, mode: 0o700 }); // somebody may have emptied what is only copies
      const measure = createMeasure(Number.POSITIVE_INFINITY, () => new Error('never'));
      await pipeline(body, measure.stream, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true })).catch(
        (error: unknown) => {
          throw isFileError(error) ? error : s3Failure(error);
        },
      );
      if (measure.result().sha256 !== sha256) throw damaged();
      await rename(draft, file(sha256));
    } catch (error) {
      body.destroy();
      await rm(draft, { force: true });
      throw error;
    } finally {
      arriving -= size;
    }
    known.set(sha256, { size, holders: 0 });
  }

  return {
    async hold(sha256, fetch) {
      entries ??= open();
      const known = entries;
      for (;;) {
        const entry = known.get(sha256);
        if (entry) {
          entry.holders += 1; // before anything is awaited: from here on it stays
          known.delete(sha256);
          known.set(sha256, entry);
          const there = await access(file(sha256)).then(
            () => true,
            () => false,
          );
          let released = false;
          const release = () => {
            if (!released) entry.holders -= 1;
            released = true;
            if (entry.holders === 0 && known.get(sha256) === entry) makeRoom(known);
          };
          if (there) return { path: file(sha256), release };
          entry.holders -= 1;
          if (known.get(sha256) === entry) known.delete(sha256); // somebody emptied the directory
        }
        const running = fetching.get(sha256) ?? download(known, sha256, fetch).finally(() => fetching.delete(sha256));
        fetching.set(sha256, running);
        await running;
      }
    },
  };
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).path === 'string';
}

function damaged(): AppError {
  return new AppError(
    'CONFLICT',
    'The object store gave other bytes than were pinned.',
    'Upload the object again and commit a new version; the operator should check the store.',
  );
}
