import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';

const CHUNK = 1 << 20;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/**
 * Counts the lines of the bytes of a CSV file in which every line is one record beyond doubt: UTF-8 without a byte order mark, NUL or
 * blank line, one kind of line ends, quotes only around whole values that end on their line, and `width` values on the
 * average. Undefined for any other.
 */
export async function countPlainLines(source: Readable, delimiter: string, width: number): Promise<number | undefined> {
  const state: State = { lines: 0, returns: 0, delimiters: 0, delimiter: delimiter.charCodeAt(0) };
  let carry: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
    if (first && bytes[0] === 0xef && bytes[1] === 0xbb) return undefined;
    first = false;
    const cut = bytes.lastIndexOf(LF) + 1;
    // A line so long is no plain one.
    if (cut === 0 && bytes.length > CHUNK) return undefined;
    if (cut > 0 && !takeLines(bytes.subarray(0, cut), state)) return undefined;
    carry = Buffer.from(bytes.subarray(cut));
  }
  if (carry.length > 0) {
    // The last line may lack its end, though not half of it.
    if (carry.includes(CR) || !takeLines(Buffer.concat([carry, Buffer.from([LF])]), state, true)) return undefined;
  }
  // A line with fewer is an error to the engine, but it looks away from one too many at the end of a line.
  return state.delimiters === state.lines * (width - 1) ? state.lines : undefined;
}

interface State {
  lines: number;
  /** Of these lines, how many end with CR and LF. */
  returns: number;
  /** Those between values. */
  delimiters: number;
  readonly delimiter: number;
}

/** Takes whole lines; false when they are not plain. */
function takeLines(bytes: Buffer, state: State, unended = false): boolean {
  if (bytes[0] === LF || bytes.includes('\n\n') || bytes.includes('\n\r') || bytes.includes(0) || !isUtf8(bytes))
    return false;
  const { delimiter } = state;
  let lines = 0;
  let delimiters = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === delimiter) delimiters += 1;
    else if (bytes[at] === LF) lines += 1;
  }
  let returns = 0;
  for (let at = bytes.indexOf(CR); at >= 0; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] !== LF) return false;
    returns += 1;
  }
  if (bytes[0] === CR) return false;
  const ends = unended ? lines - 1 : lines;
  if (returns !== 0 && returns !== ends) return false;
  if (ends > 0 && state.lines > 0 && returns > 0 !== state.returns > 0) return false;
  state.lines += lines;
  state.returns += returns;
  state.delimiters += delimiters;
  return quotesArePlain(bytes, state);
}

/**
 * Each quote opens a value at its beginning and closes it at its end, on the same line; between them they come in pairs.
 * Delimiters inside are taken off the count.
 */
function quotesArePlain(bytes: Buffer, state: State): boolean {
  const { delimiter } = state;
  for (let open = bytes.indexOf(QUOTE); open >= 0; ) {
    if (open > 0 && bytes[open - 1] !== delimiter && bytes[open - 1] !== LF) return false;
    let close = bytes.indexOf(QUOTE, open + 1);
    while (close >= 0 && bytes[close + 1] === QUOTE) close = bytes.indexOf(QUOTE, close + 2);
    if (close < 0) return false;
    const end = bytes.indexOf(LF, open);
    if (end < close) return false;
    const after = bytes[close + 1];
    if (after !== delimiter && after !== LF && after !== CR) return false;
    for (let at = open; at < close; at++) if (bytes[at] === delimiter) state.delimiters -= 1;
    open = bytes.indexOf(QUOTE, close + 1);
  }
  return true;
}
