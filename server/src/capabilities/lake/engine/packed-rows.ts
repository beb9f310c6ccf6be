import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table as ArrowTable, Data } from 'apache-arrow';
import { arrowType, indexSchema } from './arrow-columns.ts';
import { objectHash } from './checksum.ts';
import { hasDirection, vectorSql } from './data-vectors.ts';
import { native, quoted } from './duckdb.ts';
import type { RowPart, RowPlan } from './index-protocol.ts';
import { placeOf } from './index-rows.ts';
import { clearBit, createUnpacker, nullsOf, packTexts, packValues, textData } from './packed.ts';
import type { ColumnType, EngineColumn } from './protocol.ts';
import { reading, tableOf } from './table-rows.ts';
import { duckTypeName } from './table-types.ts';

type Arrow = typeof import('apache-arrow');

/** Rows for an index. Of rows with the same id it has the last one; `given` counts the others as well, `refused` is beyond both. */
export interface PackedRows {
  readonly table: ArrowTable | undefined;
  readonly given: number;
  readonly refused: number;
}

/** Types whose words the engine writes as we do. */
const worded: ReadonlySet<ColumnType> = new Set(['string', 'json', 'integer', 'boolean']);

/** Whether the engine alone can make the rows of a plan, many times as fast as `createBatch`; they are the same. */
export function canPack({ columns, mapping }: RowPlan): boolean {
  const named = [...(mapping.id === undefined ? [] : [mapping.id]), ...(mapping.text ?? [])];
  return named.every((name) => worded.has((columns[placeOf(name, columns)] as EngineColumn).type));
}

/** What is known of the rows of some parts before they are packed. */
export interface Measured {
  readonly total: number;
  /** Those with an id, where the data brings it. */
  readonly good?: number;
  /** About how much they take. */
  readonly bytes: number;
}

/** Counts the rows of some parts, and looks how much they are. */
export async function measureRows(
  connection: DuckDBConnection,
  parts: readonly RowPart[],
  plan: RowPlan,
): Promise<Measured> {
  const counted = await native(() => connection.runAndReadAll(countOf(parts, plan)));
  const [total = 0, chars = 0, good] = (counted.getRows()[0] ?? []).map(Number);
  const fixed = 100 + 8 * plan.columns.length + 4 * (plan.dimensions ?? 0);
  // Texts are there twice: as cells, and in what is searched.
  return { total, bytes: total * fixed + 2 * chars, ...(good !== undefined && { good }) };
}

/** The rows of some parts, in no order. */
export async function packRows(
  arrow: Arrow,
  connection: DuckDBConnection,
  parts: readonly RowPart[],
  plan: RowPlan,
  { total, good }: Measured,
): Promise<PackedRows> {
  const chunk = await native(async () => (await connection.run(queryOf(parts, plan))).fetchChunk());
  if (!chunk) throw new Error('an aggregate without a row');
  const packed = createUnpacker(chunk);
  const length = packed.count();
  const given = good ?? length;
  if (length === 0) return { table: undefined, given, refused: total - given };
  const { columns, dimensions } = plan;
  const id = textData(arrow, packed.texts());
  const places = packed.values<Int32Array>().items;
  const line = packed.values<BigInt64Array>();
  const ordinal = packed.values<BigInt64Array>();
  const text = textData(arrow, packed.texts());
  const int64 = (items: BigInt64Array, valid?: Uint8Array) =>
    arrow.makeData({ type: new arrow.Int64(), ...nullsOf(length, valid), data: items });
  const hashes = parts.map((part) => objectHash(part.sha256));
  const own: Data[] = [
    id,
    keyData(arrow, places, parts),
    int64(BigInt64Array.from(places, (place) => hashes[place] as bigint)),
    int64(line.items, line.valid),
    int64(ordinal.items),
    text,
  ];
  const vector = dimensions === undefined ? [] : [vectorData(arrow, packed.arrays(), length, dimensions)];
  const cells = columns.map(({ type }) => cellData(arrow, type, packed, length));
  const schema = indexSchema(arrow, columns, dimensions);
  const children = [...own, ...vector, ...cells];
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
  return { table: new arrow.Table(schema, new arrow.RecordBatch(schema, struct)), given, refused: total - given };
}

/** Counts all rows, their characters, and the good ones where not all of them are kept. */
function countOf(parts: readonly RowPart[], plan: RowPlan): string {
  const mapped = plan.mapping.id !== undefined;
  const lengths = plan.columns.flatMap(({ type }, at) => (isText(type) ? [`coalesce(strlen(d${at}), 0)`] : []));
  const chars = `coalesce(sum(${['0', ...lengths].join(' + ')}), 0)`;
  const list = ['count(*)', chars, ...(mapped ? ['count(*) FILTER (WHERE good)'] : [])];
  const selects = parts.map((part, place) => selectOf(part, place, plan));
  return `SELECT ${list.join(', ')} FROM (${selects.join(' UNION ALL ')})`;
}

function queryOf(parts: readonly RowPart[], plan: RowPlan): string {
  const { columns, mapping, dimensions } = plan;
  const selects = parts.map((part, place) => selectOf(part, place, plan));
  // Within one merge an id may occur only once, or both rows would be kept.
  const last =
    mapping.id === undefined ? '' : 'QUALIFY row_number() OVER (PARTITION BY id ORDER BY place DESC, ordinal DESC) = 1';
  const list = [
    'count(*)',
    packTexts('id'),
    ...['place', 'line', 'ordinal'].map((name) => packValues(name)),
    packTexts('text'),
    ...(dimensions === undefined ? [] : [packValues('vector')]),
    ...columns.map(({ type }, at) => (isText(type) ? packTexts(`d${at}`) : packValues(`d${at}`))),
  ];
  return `SELECT ${list.join(', ')} FROM (SELECT * FROM (${selects.join(' UNION ALL ')}) WHERE good ${last})`;
}

/** The rows of one part: `good` where they have an id, and a vector if any that is one. */
function selectOf(part: RowPart, place: number, { datasetId, columns, mapping, ...plan }: RowPlan): string {
  const placeIn = (name: string) => part.columns.findIndex((column) => column.name === name);
  const cell = ({ name, type }: EngineColumn) => {
    const at = placeIn(name);
    const value = `CAST(${at < 0 ? 'NULL' : `c${at}`} AS ${duckTypeName(type)})`;
    return type === 'boolean' ? `${value}::TINYINT` : reading(value, { name, type });
  };
  const word = (name: string) => {
    const at = placeIn(name);
    return at < 0 ? 'NULL' : `NULLIF(c${at}::VARCHAR, '')`;
  };
  const texts = mapping.text ?? columns.flatMap(({ name, type }) => (type === 'string' ? [name] : []));
  const id =
    mapping.id === undefined
      ? `substr(sha256(${quoted(`${datasetId}|${part.key}|`, "'")} || ordinal), 1, 32)`
      : `${word(mapping.id)}::VARCHAR`;
  const vector = vectorSql(part, { mapping, ...plan });
  const good = [...(mapping.id === undefined ? [] : [`${id} IS NOT NULL`]), ...(vector ? [vector.good] : [])];
  const list = [
    `${place}::INTEGER AS place`,
    'line::BIGINT AS line',
    'ordinal::BIGINT AS ordinal',
    `${id} AS id`,
    `${texts.length === 0 ? "''" : `concat_ws(' ', ${texts.map(word).join(', ')})`} AS text`,
    `${good.length === 0 ? 'true' : good.join(' AND ')} AS good`,
    ...(vector ? [`${vector.value} AS vector`] : []),
    ...columns.map((column, at) => `${cell(column)} AS d${at}`),
  ];
  return `SELECT ${list.join(', ')} FROM ${tableOf(part)}`;
}

const isText = (type: ColumnType) => type === 'string' || type === 'json';

function cellData(arrow: Arrow, type: ColumnType, packed: ReturnType<typeof createUnpacker>, length: number): Data {
  if (isText(type)) return textData(arrow, packed.texts());
  const { items, valid } = packed.values<Float64Array | BigInt64Array | Int8Array>();
  const data = type === 'boolean' ? bitsOf(items as Int8Array) : items;
  return arrow.makeData({ type: arrowType(arrow, type), ...nullsOf(length, valid), data } as never) as Data;
}

function bitsOf(items: Int8Array): Uint8Array {
  const bits = new Uint8Array((items.length + 7) >> 3).fill(255);
  for (const [at, item] of items.entries()) if (item !== 1) clearBit(bits, at);
  return bits;
}

/** The key of each row's object. */
function keyData(arrow: Arrow, places: Int32Array, parts: readonly RowPart[]): Data {
  const keys = parts.map(({ key }) => Buffer.from(key));
  const offsets = new Int32Array(places.length + 1);
  for (const [at, place] of places.entries())
    offsets[at + 1] = (offsets[at] as number) + (keys[place] as Buffer).length;
  const bytes = new Uint8Array(offsets[places.length] as number);
  for (const [at, place] of places.entries()) bytes.set(keys[place] as Buffer, offsets[at]);
  return textData(arrow, { bytes, offsets });
}

function vectorData(
  arrow: Arrow,
  { items, valid }: { readonly items: Float32Array; readonly valid?: Uint8Array },
  length: number,
  dimensions: number,
): Data {
  const bits = valid ?? new Uint8Array((length + 7) >> 3).fill(255);
  for (let at = 0; at < length; at++)
    if (!hasDirection(items, at * dimensions, (at + 1) * dimensions)) clearBit(bits, at);
  const item = new arrow.Field('item', new arrow.Float32(), true);
  const child = arrow.makeData({ type: new arrow.Float32(), length: items.length, nullCount: 0, data: items });
  return arrow.makeData({
    type: new arrow.FixedSizeList(dimensions, item),
    ...nullsOf(length, bits),
    child,
  });
}
