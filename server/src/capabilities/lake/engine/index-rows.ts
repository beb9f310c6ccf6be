import { hash } from 'node:crypto';
import type { Table as ArrowTable } from 'apache-arrow';
import { AppError } from '../../../core/errors.ts';
import { type ArrowCell, arrowTable, indexSchema } from './arrow-columns.ts';
import { objectHash } from './checksum.ts';
import type { IndexRows, ObjectReject, RowPlan } from './index-protocol.ts';
import { type EngineColumn, MAX_REJECT_TEXT } from './protocol.ts';
import type { RowChunk } from './table-rows.ts';
import { type Cell, cellText } from './values.ts';

/** Rows of an index, column by column: apache-arrow takes them so, and an object a row would cost more than writing it. */
export interface Batch {
  readonly count: () => number;
  /** About how many characters are held. */
  readonly chars: () => number;
  /** Takes the rows of a chunk, with their vectors if they have any; answers those without an id or with a bad vector. */
  add(chunk: RowChunk, vectors?: RowChunk['vectors']): ObjectReject[];
  /** All that was added since, of rows with the same id the last one; `given` counts the others as well. */
  take(arrow: typeof import('apache-arrow')): { readonly table: ArrowTable; readonly given: number };
  /** All that was added since, as it was added. */
  takeRows(): IndexRows;
}

/** `dimensions` of vectors that an embedder makes; those of the plan's own column need none. */
export function createBatch({ datasetId, columns, mapping, ...plan }: RowPlan, embedded?: number): Batch {
  const dimensions = embedded ?? plan.dimensions;
  const idAt = mapping.id === undefined ? -1 : placeOf(mapping.id, columns);
  const textAt = mapping.text
    ? mapping.text.map((name) => placeOf(name, columns))
    : columns.flatMap(({ type }, index) => (type === 'string' ? [index] : []));
  const cellsOf = (): Cell[][] => columns.map(() => []);
  let own = { ids: [] as string[], keys: [] as string[], hashes: [] as bigint[], texts: [] as string[] };
  let vectors: (Float32Array | null)[] = [];
  let lines: Cell[] = [];
  let ordinals: Cell[] = [];
  let cells = cellsOf();
  let chars = 0;

  const clear = () => {
    own = { ids: [], keys: [], hashes: [], texts: [] };
    vectors = [];
    lines = [];
    ordinals = [];
    cells = cellsOf();
    chars = 0;
  };

  return {
    count: () => own.ids.length,
    chars: () => chars,
    add(chunk, given = chunk.vectors) {
      const { part, count } = chunk;
      const rejects: ObjectReject[] = [];
      const object = objectHash(part.sha256);
      const prefix = `${datasetId}|${part.key}|`;
      for (let row = 0; row < count; row++) {
        const id = idAt < 0 ? rowId(prefix, chunk.ordinals[row] as bigint) : wordOf(columns, chunk, idAt, row);
        const vector = given?.[row];
        if (id === '') {
          rejects.push(rejectOf(chunk, row, 'missing_id', mapping.id, wordsOf(columns, chunk, row)));
          continue;
        }
        if (typeof vector === 'string') {
          rejects.push(rejectOf(chunk, row, 'bad_vector', mapping.vector, vector));
          continue;
        }
        const text = textOf(columns, chunk, textAt, row);
        own.ids.push(id);
        own.keys.push(part.key);
        own.hashes.push(object);
        own.texts.push(text);
        if (given) vectors.push(vector ?? null);
        lines.push(chunk.lines[row] as Cell);
        ordinals.push(chunk.ordinals[row] as Cell);
        for (let at = 0; at < columns.length; at++) {
          const cell = (chunk.cells[at] as readonly Cell[])[row] as Cell;
          if (typeof cell === 'string') chars += cell.length;
          (cells[at] as Cell[]).push(cell);
        }
        chars += text.length + (dimensions ?? 0);
      }
      return rejects;
    },
    take(arrow) {
      const own6 = [own.ids, own.keys, own.hashes, lines, ordinals, own.texts];
      const all: ArrowCell[][] = [...own6, ...(dimensions ? [vectors] : []), ...cells];
      const given = own.ids.length;
      // Within one merge an id may occur only once, or both rows would be kept.
      const kept = mapping.id === undefined ? undefined : lastOf(own.ids);
      const wanted = kept && kept.length < given ? all.map((list) => kept.map((at) => list[at] as ArrowCell)) : all;
      const table = arrowTable(arrow, indexSchema(arrow, columns, dimensions), wanted);
      clear();
      return { table, given };
    },
    takeRows() {
      const rows = { ...own, lines, ordinals, cells, ...(mapping.vector !== undefined && { vectors }) };
      clear();
      return rows;
    },
  };
}

/** The place of a column by its name. */
export function placeOf(name: string, columns: readonly EngineColumn[]): number {
  const place = columns.findIndex((column) => column.name === name);
  if (place >= 0) return place;
  const known = columns.map((column) => column.name).slice(0, 200);
  throw new AppError(
    'VALIDATION_FAILED',
    `The mapping names "${name}", which is not a column.`,
    `Use one of the columns: ${known.join(', ')}.`,
    { columns: known },
  );
}

/** The id of a record that no column names: the same whenever the same place of the same object is read. */
function rowId(prefix: string, ordinal: bigint): string {
  return hash('sha256', `${prefix}${ordinal}`).slice(0, 32);
}

function wordOf(columns: readonly EngineColumn[], chunk: RowChunk, at: number, row: number): string {
  return cellText((columns[at] as EngineColumn).type, (chunk.cells[at] as readonly Cell[])[row] as Cell);
}

function textOf(columns: readonly EngineColumn[], chunk: RowChunk, places: readonly number[], row: number): string {
  let text = '';
  for (const at of places) {
    const word = wordOf(columns, chunk, at, row);
    if (word !== '') text += text === '' ? word : ` ${word}`;
  }
  return text;
}

function rejectOf(
  chunk: RowChunk,
  row: number,
  reason: 'missing_id' | 'bad_vector',
  column: string | undefined,
  text: string,
): ObjectReject {
  const line = chunk.lines[row];
  return {
    object_key: chunk.part.key,
    line: line === null || line === undefined ? null : Number(line),
    column: column ?? '',
    reason,
    text: text.slice(0, MAX_REJECT_TEXT),
  };
}

function wordsOf(columns: readonly EngineColumn[], chunk: RowChunk, row: number): string {
  return columns.map((_, at) => wordOf(columns, chunk, at, row)).join(',');
}

/** The places of the last occurrence of each id, in order. */
function lastOf(ids: readonly string[]): number[] {
  const last = new Map<string, number>();
  for (const [at, id] of ids.entries()) last.set(id, at);
  return last.size === ids.length ? [...ids.keys()] : [...last.values()].sort((a, b) => a - b);
}
