import type { Data, Field, FixedSizeList, Schema, Table, Vector } from 'apache-arrow';
import type { ColumnType, EngineColumn } from './protocol.ts';
import type { Cell } from './values.ts';

const COLUMNS_KEY = 'tutti.columns';
type Arrow = typeof import('apache-arrow');
/** What a column of a table may hold: vectors as well. */
export type ArrowCell = Cell | Float32Array;

/**
 * The schema of an index table. The data columns are called `c0…cn`, so that no foreign name reaches SQL; their real
 * names and types stand in the schema's metadata. `object_hash` is the first 64 bits of the object's SHA-256.
 */
export function indexSchema(arrow: Arrow, columns: readonly EngineColumn[], dimensions?: number): Schema {
  const { Field, FixedSizeList, Float32, Int64, Utf8 } = arrow;
  const vectorType = dimensions && new FixedSizeList(dimensions, new Field('item', new Float32(), true));
  return schemaOf(arrow, columns, [
    new Field('id', new Utf8(), false),
    new Field('object_key', new Utf8(), false),
    new Field('object_hash', new Int64(), false),
    new Field('line', new Int64(), true),
    new Field('ordinal', new Int64(), false),
    new Field('text', new Utf8(), false),
    ...(vectorType ? [new Field('vector', vectorType, true)] : []),
  ]);
}

/** The schema of release 0.1.0, which kept each row as JSON beside its columns. */
export function schemaV1(arrow: Arrow, columns: readonly EngineColumn[]): Schema {
  const { Field, Int64, Utf8 } = arrow;
  return schemaOf(arrow, columns, [
    new Field('id', new Utf8(), false),
    new Field('object_key', new Utf8(), false),
    new Field('line', new Int64(), true),
    new Field('text', new Utf8(), false),
    new Field('row', new Utf8(), false),
  ]);
}

function schemaOf(arrow: Arrow, columns: readonly EngineColumn[], own: readonly Field[]): Schema {
  const fields = columns.map(({ type }, index) => new arrow.Field(`c${index}`, arrowType(arrow, type), true));
  const known = JSON.stringify(columns.map(({ name, type }) => ({ name, type })));
  return new arrow.Schema([...own, ...fields], new Map([[COLUMNS_KEY, known]]));
}

/** How many numbers the vectors of a table have; undefined when it has none. */
export function dimensionsOfSchema(schema: Schema): number | undefined {
  const type: unknown = schema.fields.find(({ name }) => name === 'vector')?.type;
  return (type as FixedSizeList | undefined)?.listSize;
}

/** The data columns of a table that `indexSchema` made. */
export function columnsOfSchema(schema: Schema): EngineColumn[] {
  return JSON.parse(schema.metadata.get(COLUMNS_KEY) ?? '[]') as EngineColumn[];
}

/** Builds an Arrow table from columns of cells, buffer by buffer: apache-arrow's own builders are ten times slower. */
export function arrowTable(arrow: Arrow, schema: Schema, cells: readonly (readonly ArrowCell[])[]): Table {
  const length = cells[0]?.length ?? 0;
  const children = schema.fields.map((field, index) => columnData(arrow, field.type, cells[index] ?? [], length));
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
  return new arrow.Table(schema, new arrow.RecordBatch(schema, struct));
}

export function arrowType(arrow: Arrow, type: ColumnType) {
  switch (type) {
    case 'number':
      return new arrow.Float64();
    case 'integer':
      return new arrow.Int64();
    case 'boolean':
      return new arrow.Bool();
    case 'date':
    case 'timestamp':
      return new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC');
    case 'string':
    case 'json':
      return new arrow.Utf8();
  }
}

function columnData(arrow: Arrow, type: Vector['type'], cells: readonly ArrowCell[], length: number): Data {
  const { nullBitmap, nullCount } = validity(cells, length);
  const { DataType } = arrow;
  const common = { length, nullCount, nullBitmap };
  if (DataType.isFixedSizeList(type))
    return arrow.makeData({
      ...common,
      type,
      child: vectorData(arrow, type, cells as readonly (Float32Array | null)[]),
    });
  if (DataType.isUtf8(type)) return arrow.makeData({ ...common, type, ...utf8(cells, length) });
  if (DataType.isFloat(type)) {
    const data = new Float64Array(length);
    for (let index = 0; index < length; index++) data[index] = Number(cells[index] ?? 0);
    return arrow.makeData({ ...common, type, data });
  }
  if (DataType.isBool(type)) return arrow.makeData({ ...common, type, data: bits(cells, length) });
  const data = new BigInt64Array(length);
  for (let index = 0; index < length; index++) {
    const cell = cells[index];
    if (typeof cell === 'bigint') data[index] = cell;
    else if (typeof cell === 'number') data[index] = BigInt(cell);
  }
  if (DataType.isTimestamp(type)) return arrow.makeData({ ...common, type, data });
  return arrow.makeData({ ...common, type: new arrow.Int64(), data });
}

function vectorData(arrow: Arrow, { listSize }: FixedSizeList, vectors: readonly (Float32Array | null)[]): Data {
  const data = new Float32Array(vectors.length * listSize);
  for (const [at, vector] of vectors.entries()) if (vector) data.set(vector, at * listSize);
  return arrow.makeData({ type: new arrow.Float32(), length: data.length, nullCount: 0, data });
}

function validity(cells: readonly ArrowCell[], length: number) {
  const nullBitmap = new Uint8Array((length + 7) >> 3);
  let nullCount = 0;
  for (let index = 0; index < length; index++) {
    if (cells[index] === null) nullCount++;
    else setBit(nullBitmap, index);
  }
  return { nullBitmap, nullCount };
}

function bits(cells: readonly ArrowCell[], length: number): Uint8Array {
  const data = new Uint8Array((length + 7) >> 3);
  for (let index = 0; index < length; index++) if (cells[index] === true) setBit(data, index);
  return data;
}

function setBit(bytes: Uint8Array, index: number): void {
  bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
}

function utf8(cells: readonly ArrowCell[], length: number) {
  let size = 0;
  for (const cell of cells) if (cell !== null) size += Buffer.byteLength(cell as string);
  const data = Buffer.allocUnsafeSlow(size);
  const valueOffsets = new Int32Array(length + 1);
  let at = 0;
  for (let index = 0; index < length; index++) {
    const cell = cells[index];
    if (cell !== null) at += data.write(cell as string, at);
    valueOffsets[index + 1] = at;
  }
  return { data: new Uint8Array(data.buffer, 0, size), valueOffsets };
}
