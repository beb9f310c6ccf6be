import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** A part of a container as it was written. */
export interface Part {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** Where the bytes of a part are within the container. */
export interface Entry {
  readonly offset: number;
  readonly size: number;
}

const block = 512;
const chunkBytes = 1024 * 1024;

/**
 * Writes a tar file (ustar, which every `tar` reads). The size of a part need not be known before: its header is written
 * when its bytes are there.
 */
export function createTarWriter(handle: FileHandle, time: Date) {
  let position = 0;
  const write = async (bytes: Uint8Array) => {
    await handle.write(bytes, 0, bytes.length, position);
    position += bytes.length;
  };
  return {
    async add(name: string, source: AsyncIterable<Uint8Array>): Promise<Part> {
      const start = position;
      const hash = createHash('sha256');
      position += block;
      for await (const bytes of inChunks(source)) {
        hash.update(bytes);
        await write(bytes);
      }
      const size = position - start - block;
      await write(Buffer.alloc((block - (size % block)) % block));
      await handle.write(header(name, size, time), 0, block, start);
      return { name, size, sha256: hash.digest('hex') };
    },
    /** Ends the file and waits until the disk has it. */
    async end(): Promise<void> {
      await write(Buffer.alloc(2 * block));
      await handle.sync();
    },
  };
}

/** The parts of a tar file by name; undefined when it is none or its end is missing. */
export async function readTar(handle: FileHandle): Promise<Map<string, Entry> | undefined> {
  const { size: total } = await handle.stat();
  const entries = new Map<string, Entry>();
  const head = Buffer.alloc(block);
  for (let position = 0; position + block <= total; ) {
    await handle.read(head, 0, block, position);
    if (head.every((byte) => byte === 0)) return entries;
    if (Number.parseInt(head.toString('latin1', 148, 156), 8) !== checksum(head)) return undefined;
    const size = sizeOf(head);
    entries.set([text(head, 345, 155), text(head, 0, 100)].filter(Boolean).join('/'), {
      offset: position + block,
      size,
    });
    position += block + Math.ceil(size / block) * block;
  }
  return undefined;
}

/** Reads the bytes of a part. */
export function readEntry(file: string, { offset, size }: Entry): Readable {
  if (size === 0) return Readable.from([]);
  return createReadStream(file, { start: offset, end: offset + size - 1, highWaterMark: chunkBytes });
}

function header(name: string, size: number, time: Date): Buffer {
  const head = Buffer.alloc(block);
  const [prefix, rest] = splitName(name);
  head.write(rest, 0, 'utf8');
  head.write('0000600\0', 100, 'latin1');
  head.write('0000000\0', 108, 'latin1');
  head.write('0000000\0', 116, 'latin1');
  writeSize(head, size);
  head.write(
    `${Math.floor(time.getTime() / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
    'latin1',
  );
  head.write('0', 156, 'latin1');
  head.write('ustar\x0000', 257, 'latin1');
  head.write(prefix, 345, 'utf8');
  head.write(`${checksum(head).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}

/** A name of more than 100 bytes is cut at a slash. */
function splitName(name: string): readonly [string, string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100) return [prefix, rest];
  }
  throw new Error(`the name ${name} is too long for a tar file`);
}

/** Octal up to 8 GiB, else binary with the first bit set, as GNU tar has it. */
function writeSize(head: Buffer, size: number): void {
  if (size < 8 ** 11) {
    head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  head.writeBigUInt64BE(BigInt(size), 128);
  head[124] = 0x80;
}

function sizeOf(head: Buffer): number {
  if ((head[124] ?? 0) & 0x80) return Number(head.readBigUInt64BE(128));
  return Number.parseInt(text(head, 124, 12), 8);
}

/** The sum of all bytes, the field of the sum itself taken as blanks. */
function checksum(head: Buffer): number {
  return head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

function text(head: Buffer, start: number, length: number): string {
  const end = head.indexOf(0, start);
  return head.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length));
}

/** Joins small pieces, such as the rows of a table, into writes worth making. */
async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    pieces.push(piece);
    size += piece.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(pieces);
}
