import type { Data, Schema, Table, Vector } from 'apache-arrow';
import type { ColumnType, EngineColumn } from './protocol.ts';
import type { Cell } from './values.ts';

const COLUMNS_KEY = 'tutti.columns';
type Arrow = typeof import('apache-arrow');

/**
 * The schema of an index table. The data columns are called `c0…cn`, so that no foreign name reaches SQL; their real
 * names and types stand in the schema's metadata.
 */
export function indexSchema(arrow: Arrow, columns: readonly EngineColumn[]): Schema {
  const { Field, Int64, Schema, Utf8 } = arrow;
  const fields = [
    new Field('id', new Utf8(), false),
    new Field('object_key', new Utf8(), false),
    new Field('line', new Int64(), true),
    new Field('text', new Utf8(), false),
    new Field('row', new Utf8(), false),
    ...columns.map(({ type }, index) => new Field(`c${index}`, arrowType(arrow, type), true)),
  ];
  return new Schema(
    fields,
    new Map([[COLUMNS_KEY, JSON.stringify(columns.map(({ name, type }) => ({ name, type })))]]),
  );
}

/** The data columns of a table that `indexSchema` made. */
export function columnsOfSchema(schema: Schema): EngineColumn[] {
  return JSON.parse(schema.metadata.get(COLUMNS_KEY) ?? '[]') as EngineColumn[];
}

/** Builds an Arrow table from columns of cells, buffer by buffer: apache-arrow's own builders are ten times slower. */
export function arrowTable(arrow: Arrow, schema: Schema, cells: readonly (readonly Cell[])[]): Table {
  const length = cells[0]?.length ?? 0;
  const children = schema.fields.map((field, index) => columnData(arrow, field.type, cells[index] ?? [], length));
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
  return new arrow.Table(schema, new arrow.RecordBatch(schema, struct));
}

function arrowType(arrow: Arrow, type: ColumnType) {
  switch (type) {
    case 'number':
      return new arrow.Float64();
    case 'integer':
      return new arrow.Int64();
    case 'boolean':
      return new arrow.Bool();
    case 'timestamp':
      return new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC');
    case 'string':
    case 'json':
      return new arrow.Utf8();
  }
}

function columnData(arrow: Arrow, type: Vector['type'], cells: readonly Cell[], length: number): Data {
  const { nullBitmap, nullCount } = validity(cells, length);
  const { DataType } = arrow;
  const common = { length, nullCount, nullBitmap };
  if (DataType.isUtf8(type)) return arrow.makeData({ ...common, type, ...utf8(cells, length) });
  if (DataType.isFloat(type))
    return arrow.makeData({ ...common, type, data: Float64Array.from(cells, (cell) => Number(cell ?? 0)) });
  if (DataType.isBool(type)) return arrow.makeData({ ...common, type, data: bits(cells, length) });
  const data = BigInt64Array.from(cells, (cell) => BigInt((cell ?? 0) as number));
  if (DataType.isTimestamp(type)) return arrow.makeData({ ...common, type, data });
  return arrow.makeData({ ...common, type: new arrow.Int64(), data });
}

function validity(cells: readonly Cell[], length: number) {
  const nullBitmap = new Uint8Array((length + 7) >> 3);
  let nullCount = 0;
  for (let index = 0; index < length; index++) {
    if (cells[index] === null) nullCount++;
    else setBit(nullBitmap, index);
  }
  return { nullBitmap, nullCount };
}

function bits(cells: readonly Cell[], length: number): Uint8Array {
  const data = new Uint8Array((length + 7) >> 3);
  for (let index = 0; index < length; index++) if (cells[index] === true) setBit(data, index);
  return data;
}

function setBit(bytes: Uint8Array, index: number): void {
  bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
}

function utf8(cells: readonly Cell[], length: number) {
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
