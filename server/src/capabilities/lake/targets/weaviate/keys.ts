import type { ColumnType } from '../../engine/protocol.ts';
import type { Cell } from '../../engine/values.ts';

/**
 * Values as words that Weaviate compares the way we do: plain lower-case letters and digits whose order as bytes is the order
 * of the values. Its own types would not do: texts are trimmed, patterns have wildcards that cannot be escaped, sorting
 * ignores case, numbers of a filter are 64-bit floats or lose their fraction, times beyond 1677 to 2262 overflow.
 */
export function keyOf(type: ColumnType, value: NonNullable<Cell>): string {
  switch (type) {
    case 'string':
    case 'json':
      return textKey(String(value));
    case 'number':
      return numberKey(Number(value));
    case 'boolean':
      return value ? 't' : 'f';
    default:
      return integerKey(BigInt(value));
  }
}

/** More bytes of a text are not looked at; a filter's own texts are shorter. */
const MAX_KEY_BYTES = 8192;
const OFFSET = 2n ** 63n;
/** The first half of a byte is a letter from g on, the second one a hexadecimal digit: no byte begins inside another one. */
const bytes = Array.from(
  { length: 256 },
  (_, byte) => String.fromCharCode('g'.charCodeAt(0) + (byte >> 4)) + (byte & 15).toString(16),
);

/** The bytes of a text; `x` before them, so that an empty one has a key as well. */
export function textKey(text: string): string {
  return `x${inner(text)}`;
}

/** What texts that hold this one are like. */
export function likeText(part: string): string {
  return `x*${inner(part)}*`;
}

function inner(text: string): string {
  let key = '';
  for (const byte of Buffer.from(text).subarray(0, MAX_KEY_BYTES)) key += bytes[byte];
  return key;
}

function integerKey(value: bigint): string {
  return (value + OFFSET).toString(16).padStart(16, '0');
}

/** The integer or the milliseconds of a key; a bigint only where a number would lose digits. */
export function integerOf(key: string): number | bigint {
  const value = BigInt(`0x${key}`) - OFFSET;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function numberKey(value: number): string {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  const unsigned = bits.readBigUInt64BE();
  const ordered = unsigned >= OFFSET ? 2n * OFFSET - 1n - unsigned : unsigned + OFFSET;
  return ordered.toString(16).padStart(16, '0');
}
