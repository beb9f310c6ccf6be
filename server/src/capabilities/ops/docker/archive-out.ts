import { Readable } from 'node:stream';
import { extract as createExtract } from 'tar-stream';
import { isPlainPath } from '../paths.ts';

export interface ArchiveCaps {
  /** Entries of any kind, wanted or not. */
  readonly maxEntries: number;
  /** Bytes of the archive, wanted or not: a sparse file is as long as it says. */
  readonly maxReadBytes: number;
  /** Files that are taken. */
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

/** Why a file that was asked for is not there. */
export type SkipReason =
  | 'symlink'
  | 'hard_link'
  | 'not_a_file'
  | 'bad_name'
  | 'duplicate'
  | 'too_large'
  | 'too_many_files'
  | 'total_too_large';

export interface Skipped {
  readonly name: string;
  readonly reason: SkipReason;
}

export interface TakenFiles<T> {
  readonly taken: T[];
  readonly skipped: Skipped[];
  /** Set when not all of the archive was read; what was taken before is whole. */
  readonly cut?: 'entries' | 'bytes' | 'broken';
}

export interface ArchiveReader<T> {
  /** The path of an entry by its name in the archive; undefined for what nobody asked for. */
  readonly wanted: (name: string) => string | undefined;
  /** Takes the bytes of a file. Leaving some unread is fine. */
  readonly take: (file: { readonly path: string; readonly size: number }, body: Readable) => Promise<T>;
  readonly caps: ArchiveCaps;
  /** Paths that were taken before, from another archive; added to. */
  readonly seen?: Set<string>;
}

type Parser = ReturnType<typeof createExtract>;
type Entry = Parser extends AsyncIterable<infer Item> ? Item : never;

const maxSkipped = 100;

/**
 * Reads an archive that comes out of a container, where anybody may have made anything. Nothing is extracted: regular files
 * alone are handed on, as streams, under names that were checked; links, devices and second files of a name are skipped.
 */
export async function readArchive<T>(archive: Readable, reader: ArchiveReader<T>): Promise<TakenFiles<T>> {
  const { caps, seen = new Set<string>() } = reader;
  const taken: T[] = [];
  const skipped: Skipped[] = [];
  let [entries, read, total] = [0, 0, 0];
  let cut: TakenFiles<T>['cut'];

  const extract = createExtract();
  extract.on('error', () => stop('broken'));
  const stop = (why: NonNullable<typeof cut>) => {
    cut ??= why;
    archive.destroy();
    extract.destroy();
  };
  const fed = feed(archive, extract, (bytes) => {
    read += bytes;
    if (read > caps.maxReadBytes) stop('bytes');
  }).catch(() => stop('broken'));

  try {
    for await (const entry of extract) {
      entries += 1;
      if (entries > caps.maxEntries) stop('entries');
      if (cut) break;
      await look(entry);
      entry.resume();
    }
  } catch (error) {
    // A body that broke off is the archive's fault; else it is what the taker threw.
    if (!cut) throw error;
  } finally {
    archive.destroy();
    extract.destroy();
    await fed;
  }
  return { taken, skipped, ...(cut ? { cut } : {}) };

  async function look(entry: Entry): Promise<void> {
    const { name = '', size = 0, type } = entry.header;
    const path = reader.wanted(name);
    if (path === undefined || type === 'directory') return;
    const reason = faultOf(path, size, type);
    if (reason) {
      if (skipped.length < maxSkipped) skipped.push({ name: isPlainPath(path) ? path : '?', reason });
      return;
    }
    seen.add(path);
    total += size;
    taken.push(await reader.take({ path, size }, Readable.from(chunksOf(entry))));
  }

  function faultOf(path: string, size: number, type: string | null | undefined): SkipReason | undefined {
    if (type === 'symlink') return 'symlink';
    if (type === 'link') return 'hard_link';
    if (type !== 'file' && type !== 'contiguous-file') return 'not_a_file';
    if (!isPlainPath(path)) return 'bad_name';
    if (seen.has(path)) return 'duplicate';
    if (size > caps.maxFileBytes) return 'too_large';
    if (taken.length >= caps.maxFiles) return 'too_many_files';
    if (total + size > caps.maxTotalBytes) return 'total_too_large';
    return undefined;
  }
}

/** Writes the archive into the parser as fast as that takes it. */
async function feed(archive: Readable, extract: Parser, count: (bytes: number) => void) {
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    count(chunk.length);
    if (extract.destroyed) return;
    if (!extract.write(chunk)) await oneOf(extract, ['drain', 'close']);
  }
  extract.end(undefined);
}

/** The bytes of an entry. Not its own iterator: that ends the whole archive when its reader leaves early. */
async function* chunksOf(entry: Entry): AsyncGenerator<Buffer> {
  let ended = false;
  entry.on('end', () => {
    ended = true;
  });
  let failure: Error | undefined;
  entry.on('error', (error: Error) => {
    failure = error;
  });
  for (;;) {
    const chunk = entry.read() as Buffer | null;
    if (chunk !== null) yield chunk;
    else if (ended) return;
    else if (failure || entry.destroyed) throw failure ?? new Error('the archive broke off');
    else await oneOf(entry, ['readable', 'end', 'error', 'close']);
  }
}

function oneOf(emitter: NodeJS.EventEmitter, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) emitter.off(event, done);
      resolve();
    };
    for (const event of events) emitter.on(event, done);
  });
}
