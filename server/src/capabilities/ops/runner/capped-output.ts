export interface OutputCaps {
  /** Bytes kept of the beginning and of the end of each stream of each step. */
  readonly headBytes: number;
  readonly tailBytes: number;
}

export const defaultCaps = capsOf(64);

/** Half of so many KiB for the beginning, half for the end. */
export function capsOf(kib: number): OutputCaps {
  return { headBytes: kib * 512, tailBytes: kib * 512 };
}

/** What is kept of a stream. */
export interface CapturedOutput {
  /** UTF-8; where something was left out, a line in between says how much. */
  readonly text: string;
  /** How many bytes came in all. */
  readonly bytes: number;
  /** How many of them are left out; 0 when the text is whole. */
  readonly cut_bytes: number;
}

export interface CappedOutput {
  push(bytes: Buffer): void;
  read(): CapturedOutput;
}

/** Keeps the head and the tail of a stream of any length, in memory of bounded size. */
export function createCappedOutput({ headBytes, tailBytes }: OutputCaps): CappedOutput {
  const head: Buffer[] = [];
  let headLeft = headBytes;
  let tail: Buffer[] = [];
  let tailLength = 0;
  let bytes = 0;

  /** Twice as much as is wanted may stand there, so that not every chunk moves all of it. */
  const trim = () => {
    const all = Buffer.concat(tail);
    tail = [Buffer.from(all.subarray(Math.max(0, all.length - tailBytes)))];
    tailLength = tail[0]?.length ?? 0;
  };

  return {
    push(chunk) {
      bytes += chunk.length;
      const first = chunk.subarray(0, headLeft);
      // Copied: a piece of a chunk would keep all of it.
      if (first.length > 0) head.push(Buffer.from(first));
      headLeft -= first.length;
      const rest = chunk.subarray(first.length);
      if (rest.length === 0) return;
      const last = Buffer.from(rest.subarray(Math.max(0, rest.length - tailBytes)));
      tail.push(last);
      tailLength += last.length;
      if (tailLength > 2 * tailBytes || tail.length > 1000) trim();
    },
    read() {
      trim();
      const kept = bytes - (headBytes - headLeft) - tailLength;
      const [begin, end] = [Buffer.concat(head), Buffer.concat(tail)];
      if (kept === 0) return { text: textOf(Buffer.concat([begin, end])), bytes, cut_bytes: 0 };
      const [from, until] = [wholeEnd(begin), wholeStart(end)];
      const cut = kept + (begin.length - from) + until;
      const note = `\n[… ${cut} bytes left out …]\n`;
      return { text: textOf(begin.subarray(0, from)) + note + textOf(end.subarray(until)), bytes, cut_bytes: cut };
    },
  };
}

/** Text that PostgreSQL and JSON take: NUL becomes the replacement character, as what is no UTF-8 does. */
function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\ufffd');
}

/** Where the last whole UTF-8 character of a head ends. */
function wholeEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Where the first whole UTF-8 character of a tail begins. */
function wholeStart(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}
