import { hash } from 'node:crypto';
import type { IndexRows } from '../../engine/index-protocol.ts';
import type { ColumnType, EngineColumn, SearchItem } from '../../engine/protocol.ts';
import { type Cell, cellValue } from '../../engine/values.ts';
import { integerOf, keyOf, textKey } from './keys.ts';

/** The one named vector of a row. */
export const VECTOR = 'main';

type Value = string | number | boolean | Date;

/** A row as Weaviate has it. */
export interface StoredRow {
  readonly id: string;
  readonly properties: Readonly<Record<string, Value>>;
  readonly vectors?: { readonly [VECTOR]: number[] };
}

/** Nothing outside is in these names: data columns are `c0…cn` to read, and `c0_key…` to compare. */
export const valueName = (at: number) => `c${at}`;
export const keyName = (at: number) => `c${at}_key`;

/** The UUID of a row by its id: the same one every time. Version 8 of RFC 9562, from the first bits of a SHA-256. */
function uuidOf(id: string): string {
  const bytes = hash('sha256', id, 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A name for an object that filters take: its own may be of any length. */
export const objectId = (key: string): string => hash('sha256', key).slice(0, 32);

/** Rows for Weaviate; of those with one id the last. */
export function toStored(
  columns: readonly EngineColumn[],
  rows: IndexRows,
  vectors: readonly (Float32Array | null)[] = [],
): StoredRow[] {
  const last = new Map<string, StoredRow>();
  for (const [at, id] of rows.ids.entries()) {
    const uuid = uuidOf(id);
    const vector = vectors[at];
    const line = rows.lines[at];
    const properties: Record<string, Value> = {
      row_id: id,
      row_key: textKey(id),
      object_key: rows.keys[at] as string,
      object_id: objectId(rows.keys[at] as string),
      object_hash: String(rows.hashes[at]),
      ordinal: Number(rows.ordinals[at]),
      ...(line !== null && line !== undefined && { line: Number(line) }),
      text: rows.texts[at] as string,
    };
    for (const [index, { type }] of columns.entries()) {
      const cell = rows.cells[index]?.[at] ?? null;
      if (cell === null) continue;
      const shown = shownValue(type, cell);
      if (shown !== undefined) properties[valueName(index)] = shown;
      properties[keyName(index)] = keyOf(type, cell);
    }
    last.delete(uuid);
    last.set(uuid, { id: uuid, properties, ...(vector && { vectors: { [VECTOR]: Array.from(vector) } }) });
  }
  return [...last.values()];
}

/** A cell for those who look into the collection themselves; undefined where Weaviate has no such time. */
function shownValue(type: ColumnType, cell: NonNullable<Cell>): Value | undefined {
  if (type === 'integer') return Number(cell);
  if (type !== 'date' && type !== 'timestamp') return cell as Value;
  const time = new Date(Number(cell));
  return time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= 9999 ? time : undefined;
}

/** A row as it is found. What is exact in the key alone is read from there. */
export function toItem(
  columns: readonly EngineColumn[],
  properties: Record<string, unknown>,
  score: number,
): SearchItem {
  const row = columns.map(({ name, type }, at) => {
    const exact = type === 'integer' || type === 'date' || type === 'timestamp';
    const key = properties[keyName(at)] as string | undefined;
    const cell = exact ? (key === undefined ? null : integerOf(key)) : ((properties[valueName(at)] ?? null) as Cell);
    return [name, cellValue(type, cell)];
  });
  return {
    id: String(properties.row_id),
    score,
    object_key: String(properties.object_key),
    line: properties.line === undefined ? null : Number(properties.line),
    row: Object.fromEntries(row),
  };
}
