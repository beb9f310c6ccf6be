import type { FilePart, Part } from '../client/files.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { linesOf } from './plain-text.ts';

/** Where a log stands. */
export interface LogPlace {
  readonly runId: string;
  readonly taskRunId: string;
  readonly filename: string;
}

export interface LogLines {
  readonly lines: readonly string[];
  /** Bytes of the log, where that is known. */
  readonly total: number | null;
  /** Where the next lines begin; undefined at the end, and where the end was asked for. */
  readonly next: number | undefined;
  /** Lines before these are left out. */
  readonly cut: boolean;
  /** It is still being written. */
  readonly pending: boolean;
}

/** How much of the end is read for the last lines. */
const tailBytes = 256 * 1024;
/** Characters of an answer. */
const maxText = 48_000;

/** The last lines of a log, at most `count`. */
export async function readTailLines(api: OrchestraApi, place: LogPlace, count: number): Promise<LogLines> {
  const part = await read(api, place, { tail: tailBytes });
  const cutAt = part.start === null ? part.bytes.length >= tailBytes : part.start > 0;
  const all = withoutLastBreak(linesOf(part.bytes, cutAt));
  const lines = fromEnd(all.slice(-count));
  // `more` of a tail: the file is longer than what is read of one whose range is ignored.
  return {
    lines,
    total: part.total,
    next: undefined,
    cut: cutAt || part.more || lines.length < all.length,
    pending: part.pending,
  };
}

/** Whole lines from a byte on, of about `length` bytes; one that begins before `offset` is left out. */
export async function readLinesFrom(
  api: OrchestraApi,
  place: LogPlace,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<LogLines> {
  // With the byte before, what is dropped as a line that is cut is nothing where that is the end of one.
  const from = Math.max(0, offset - 1);
  const part = await read(api, place, { offset: from, length: length + offset - from });
  const end = part.more ? part.bytes.lastIndexOf(0x0a) + 1 : part.bytes.length;
  // A line longer than all that was read is shown as far as it goes.
  const whole = end > offset - from ? end : part.bytes.length;
  const lines = withoutLastBreak(linesOf(part.bytes.subarray(0, whole), offset > 0));
  const next = part.more ? from + whole : undefined;
  return { lines, total: part.total, next, cut: offset > 0, pending: part.pending };
}

function read(api: OrchestraApi, { runId, taskRunId, filename }: LogPlace, part: Part): Promise<FilePart> {
  return api.readLog(runId, taskRunId, filename, part);
}

/** What follows the last line break is no line. */
function withoutLastBreak(lines: readonly string[]): readonly string[] {
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** The last ones of these lines that fit into an answer; of a line that alone does not, its end. */
function fromEnd(lines: readonly string[]): readonly string[] {
  let left = maxText;
  const first = lines.findLastIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  const fitting = lines.slice(first + 1);
  return fitting.length === 0 && lines.length > 0 ? [(lines.at(-1) ?? '').slice(-maxText)] : fitting;
}
