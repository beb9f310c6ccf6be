import type { DuckDBDataChunk, DuckDBListVector } from '@duckdb/node-api';
import type { Data, Utf8 } from 'apache-arrow';

type Arrow = typeof import('apache-arrow');

/** Texts of many rows as one run of UTF-8, the n-th from `offsets[n]` to `offsets[n + 1]`; `valid` has a bit for each that is one. */
export interface PackedTexts {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly valid?: Uint8Array;
}

/** Numbers of many rows; `valid` has a bit for each that is one. */
export interface PackedValues<Items> {
  readonly items: Items;
  readonly valid?: Uint8Array;
}

/**
 * SQL that puts a column of texts into two values of one row: an object for each text would cost more than all the rest. The
 * rows of one SELECT come in the same order in each of its values, but in no other.
 */
export const packTexts = (sql: string): string =>
  `encode(string_agg(${sql}, '')), list(coalesce(strlen(${sql}), -1)::INTEGER)`;

/** SQL that puts a column of numbers into one value. */
export const packValues = (sql: string): string => `list(${sql})`;

/** Reads what was packed off a row, value by value; there must be a row that was packed. */
export function createUnpacker(chunk: DuckDBDataChunk) {
  let next = 0;
  const listed = () => (chunk.getColumnVector(next++) as DuckDBListVector).childVector as unknown as Flat;
  return {
    count: (): number => Number(chunk.getColumnVector(next++).getItem(0)),
    texts(): PackedTexts {
      const blob = chunk.getColumnVector(next++).getItem(0) as { readonly bytes: Uint8Array } | null;
      return toTexts(blob?.bytes ?? new Uint8Array(0), listed().items as Int32Array);
    },
    values<Items>(): PackedValues<Items> {
      const { items, validity } = listed();
      // The engine's own memory goes with the chunk.
      return { items: items.slice() as Items, ...validOf(validity) };
    },
    /** Arrays of floats, one behind the other. */
    arrays(): PackedValues<Float32Array> {
      const { childData, validity } = listed() as Required<Flat>;
      return { items: (childData.items as Float32Array).slice(), ...validOf(validity) };
    },
  };
}

/** A vector of the engine's as it lies in memory, which its types do not tell. */
interface Flat {
  readonly items: Int32Array | BigInt64Array | Float64Array | Float32Array | Int8Array;
  readonly validity: { readonly data: BigUint64Array | null };
  readonly childData?: Flat;
}

function validOf({ data }: Flat['validity']): { valid?: Uint8Array } {
  return data ? { valid: new Uint8Array(data.slice().buffer) } : {};
}

function toTexts(bytes: Uint8Array, lengths: Int32Array): PackedTexts {
  const offsets = new Int32Array(lengths.length + 1);
  let valid: Uint8Array | undefined;
  let at = 0;
  for (const [row, length] of lengths.entries()) {
    if (length < 0) {
      valid ??= new Uint8Array((lengths.length + 7) >> 3).fill(255);
      clearBit(valid, row);
    } else at += length;
    offsets[row + 1] = at;
  }
  return { bytes, offsets, ...(valid && { valid }) };
}

export function clearBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] = (bits[at >> 3] as number) & ~(1 << (at & 7));
}

/** How the nulls among packed values are told to Arrow. */
export function nullsOf(length: number, valid: Uint8Array | undefined) {
  if (!valid) return { length, nullCount: 0 };
  let nullCount = 0;
  for (let at = 0; at < length; at++) if (((valid[at >> 3] as number) & (1 << (at & 7))) === 0) nullCount++;
  return { length, nullCount, nullBitmap: valid };
}

/** Packed texts as a column of Arrow's. */
export function textData(arrow: Arrow, { bytes, offsets, valid }: PackedTexts): Data<Utf8> {
  return arrow.makeData({
    type: new arrow.Utf8(),
    ...nullsOf(offsets.length - 1, valid),
    data: bytes,
    valueOffsets: offsets,
  });
}
