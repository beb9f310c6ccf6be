import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Consecutive physical lines of a file. A line keeps its `\r`, so that a quoted value loses nothing. */
export interface LineBatch {
  readonly lines: string[];
  /** 1-based number of the first line. */
  readonly first: number;
  /** Indexes of lines that are no UTF-8. */
  readonly bad: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();
const CHUNK = 1 << 20;
const LF = 10;
const CR = 13;

/**
 * Reads a file (gzip or plain, by its first bytes) as batches of physical lines of about 1 MB.
 * A last line without an end counts as a line; a file that only knows `\r` is split there.
 */
export async function* readLines(path: string): AsyncGenerator<LineBatch> {
  let carry: Buffer[] = [];
  let first = 1;
  let end: number | undefined;
  for await (const chunk of (await byteStream(path)).bytes as AsyncIterable<Buffer>) {
    end ??= lineEnd(chunk);
    const cut = end === undefined ? -1 : chunk.lastIndexOf(end);
    if (cut < 0) {
      carry.push(chunk);
      continue;
    }
    const batch = splitLines(Buffer.concat([...carry, chunk.subarray(0, cut)]), end ?? LF, first);
    carry = cut + 1 < chunk.length ? [chunk.subarray(cut + 1)] : [];
    first += batch.lines.length;
    yield batch;
  }
  const rest = Buffer.concat(carry);
  if (rest.length > 0) yield splitLines(rest, end ?? LF, first);
}

// A `\r` at the very end of a chunk may be half of a `\r\n` and says nothing yet.
function lineEnd(chunk: Buffer): number | undefined {
  if (chunk.includes(LF)) return LF;
  return chunk.subarray(0, -1).includes(CR) ? CR : undefined;
}

/** The bytes of a file, unpacked when it begins like gzip. */
export async function byteStream(path: string): Promise<{ readonly bytes: Readable; readonly packed: boolean }> {
  const file = await open(path);
  const magic = Buffer.alloc(2);
  try {
    await file.read(magic, 0, 2, 0);
  } finally {
    await file.close();
  }
  const raw = createReadStream(path, { highWaterMark: CHUNK });
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return { bytes: raw, packed: false };
  const plain = createGunzip({ chunkSize: CHUNK });
  raw.on('error', (error) => plain.destroy(error));
  plain.on('close', () => raw.destroy());
  return { bytes: raw.pipe(plain), packed: true };
}

function splitLines(bytes: Buffer, end: number, first: number): LineBatch {
  const bom = first === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = bom ? bytes.subarray(3) : bytes;
  const lines = content.toString('utf8').split(String.fromCharCode(end));
  return { lines, first, bad: isUtf8(content) ? NONE : badLines(content, end) };
}

function badLines(bytes: Buffer, end: number): Set<number> {
  const bad = new Set<number>();
  let start = 0;
  for (let index = 0; start <= bytes.length; index++) {
    const found = bytes.indexOf(end, start);
    const stop = found < 0 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(start, stop))) bad.add(index);
    start = stop + 1;
  }
  return bad;
}
