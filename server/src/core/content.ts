import { isUtf8 } from 'node:buffer';

/** A piece of a file as text where it is text, else in base64; `bytes` says how much of it that is. */
export interface Content {
  readonly encoding: 'text' | 'base64';
  readonly content: string;
  readonly bytes: number;
}

/** Shows what was read. A piece that is not the last may end within a character: those bytes are left to the next one. */
export function showContent(read: Buffer, isLast: boolean): Content {
  const whole = isLast ? read : read.subarray(0, wholeCharacters(read));
  const isText = whole.length > 0 || read.length === 0 ? isUtf8(whole) && !whole.includes(0) : false;
  if (isText) return { encoding: 'text', content: whole.toString('utf8'), bytes: whole.length };
  return { encoding: 'base64', content: read.toString('base64'), bytes: read.length };
}

/** Where the last whole UTF-8 character ends. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
