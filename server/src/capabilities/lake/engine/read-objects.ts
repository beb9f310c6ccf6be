import { type CsvRecord, readCsv, sniffDelimiter } from './csv.ts';
import { inferJsonTypes, inferTextTypes, isTyped, SAMPLE_ROWS } from './infer.ts';
import { type JsonRecord, readJson, readJsonLines } from './json.ts';
import { parquetColumns, readParquet } from './parquet.ts';
import { type EngineColumn, type EngineObject, MAX_REJECT_TEXT, type Reject, type RejectReason } from './protocol.ts';
import { readText } from './text.ts';
import { type Cell, castJson, castText, cellJson, timestampText } from './values.ts';

/** A good row: its cells in the order of the object's columns and, when asked for, the whole row as JSON text. */
export interface ObjectRow {
  readonly line: number | null;
  /** 0-based place among all records of the object, broken ones included. */
  readonly ordinal: number;
  readonly cells: readonly Cell[];
  readonly json: string;
}

export interface RowBatch {
  readonly rows: ObjectRow[];
  readonly rejects: Reject[];
}

export interface ObjectReader {
  readonly columns: readonly EngineColumn[];
  /** Every record of the object in order, each exactly once: either in `rows` or in `rejects`. */
  readonly batches: () => AsyncGenerator<RowBatch>;
}

export interface ReadSettings {
  /** Types that the caller wants; without them they are found by looking at the first 20,000 rows. */
  readonly columns?: readonly EngineColumn[] | undefined;
  readonly withJson: boolean;
  readonly memoryMb: number;
}

type Outcome = Omit<ObjectRow, 'ordinal'> | Reject;

/**
 * Opens an object for reading. CSV and JSON are split here rather than by DuckDB, because it numbers records instead
 * of lines, gives a stray quote the rest of the file, and reads a broken line of JSON as nulls.
 */
export async function readObject(object: EngineObject, settings: ReadSettings): Promise<ObjectReader> {
  switch (object.format) {
    case 'csv':
      return openCsv(object, settings);
    case 'jsonl':
      return openJson(() => readJsonLines(object.path), settings);
    case 'json':
      return openJson(() => readJson(object.path), settings);
    case 'parquet':
      return openParquet(object, settings);
    case 'text':
      return openText(object);
  }
}

/** How a CSV file is read: what separates its fields, whether its first record names them, and what they are. */
export interface CsvPlan {
  readonly delimiter: string;
  readonly headed: boolean;
  readonly columns: readonly EngineColumn[];
}

export async function planCsv(object: EngineObject, wanted: readonly EngineColumn[] | undefined): Promise<CsvPlan> {
  const delimiter = /\.tsv(\.gz)?$/i.test(object.key) ? '\t' : await sniffDelimiter(object.path);
  const sample = await take(readCsv(object.path, delimiter), wanted ? 1 : SAMPLE_ROWS);
  const first = sample[0];
  // A first record in which nothing reads as a name is data.
  const headed = first !== undefined && !first.fields.every((field) => field.trim() !== '' && isTyped(field));
  const names = uniqueNames(headed ? first.fields : (first?.fields ?? []).map(() => ''));
  const fitting = (headed ? sample.slice(1) : sample).filter((r) => !r.broken && r.fields.length === names.length);
  const inferred = inferTextTypes(
    names,
    fitting.map((record) => record.fields),
  );
  return { delimiter, headed, columns: withDeclared(inferred, wanted) };
}

async function openCsv(object: EngineObject, settings: ReadSettings): Promise<ObjectReader> {
  const { delimiter, headed, columns } = await planCsv(object, settings.columns);
  const read = () => readCsv(object.path, delimiter);
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const convert = (record: CsvRecord): Outcome => {
    if (record.broken) return reject(record.line, record.broken, record.raw);
    const { fields } = record;
    if (fields.length > columns.length) return reject(record.line, 'too_many_columns', record.raw);
    if (fields.length < columns.length) return reject(record.line, 'too_few_columns', record.raw);
    const cells: Cell[] = [];
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as EngineColumn;
      const cell = castText(column.type, fields[index] as string);
      if (cell === undefined) return reject(record.line, 'cast', record.raw, column.name);
      cells.push(cell);
    }
    return { line: record.line, cells, json: settings.withJson ? rowJson(columns, keys, cells, fields) : '' };
  };
  return { columns, batches: () => convertAll(read(), convert, headed ? 1 : 0) };
}

async function openJson(read: () => AsyncGenerator<JsonRecord[]>, settings: ReadSettings): Promise<ObjectReader> {
  const columns = settings.columns ?? inferJsonTypes(objectsOf(await take(read(), SAMPLE_ROWS)));
  const convert = (record: JsonRecord): Outcome => {
    const { line, raw, value } = record;
    if (!value) return reject(line, record.broken ?? 'other', raw);
    const cells: Cell[] = [];
    for (const { name, type } of columns) {
      const given = Object.hasOwn(value, name) ? value[name] : null;
      const cell = castJson(type, given);
      if (cell === undefined) return reject(line, 'cast', raw, name);
      cells.push(cell);
      // The row keeps what was written, but for times, which become one notation.
      if (settings.withJson && type === 'timestamp' && typeof given === 'string' && cell !== null)
        Object.defineProperty(value, name, { value: timestampText(Number(cell), given) });
    }
    return { line, cells, json: settings.withJson ? JSON.stringify(value) : '' };
  };
  const convertSafely = (record: JsonRecord): Outcome => {
    try {
      return convert(record);
    } catch {
      // What can be parsed may still be nested too deep to be written again.
      return reject(record.line, 'other', record.raw);
    }
  };
  return { columns, batches: () => convertAll(read(), convertSafely) };
}

async function openParquet(object: EngineObject, settings: ReadSettings): Promise<ObjectReader> {
  const own = await parquetColumns(object.path, settings.memoryMb);
  const columns = withDeclared(own, settings.columns);
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const convert = (values: readonly unknown[]): Outcome => {
    const cells: Cell[] = [];
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as EngineColumn;
      const cell = castJson(column.type, values[index]);
      if (cell === undefined) return reject(null, 'cast', JSON.stringify(values), column.name);
      cells.push(cell);
    }
    return { line: null, cells, json: settings.withJson ? rowJson(columns, keys, cells, values) : '' };
  };
  return { columns, batches: () => convertAll(readParquet(object.path, settings.memoryMb), convert) };
}

function openText(object: EngineObject): ObjectReader {
  const columns: EngineColumn[] = [{ name: 'text', type: 'string' }];
  const batches = () =>
    convertAll(readText(object.path), ({ line, text, bad }) =>
      bad ? reject(line, 'invalid_encoding', text) : { line, cells: [text], json: JSON.stringify({ text }) },
    );
  return { columns, batches };
}

async function* convertAll<T>(
  source: AsyncGenerator<T[]>,
  convert: (record: T) => Outcome,
  skip = 0,
): AsyncGenerator<RowBatch> {
  let place = -skip;
  for await (const records of source) {
    const batch: RowBatch = { rows: [], rejects: [] };
    for (const record of records) {
      const ordinal = place++;
      if (ordinal < 0) continue;
      const outcome = convert(record);
      if ('reason' in outcome) batch.rejects.push(outcome);
      else batch.rows.push({ line: outcome.line, ordinal, cells: outcome.cells, json: outcome.json });
    }
    yield batch;
  }
}

function reject(line: number | null, reason: RejectReason, raw: string, column?: string): Reject {
  // A copy, since a slice would keep the whole chunk of the file in memory.
  const text = Buffer.from(raw.slice(0, MAX_REJECT_TEXT)).toString();
  return column === undefined ? { line, reason, text } : { line, column, reason, text };
}

function rowJson(
  columns: readonly EngineColumn[],
  keys: readonly string[],
  cells: readonly Cell[],
  sources: readonly unknown[],
): string {
  let text = '{';
  for (let index = 0; index < cells.length; index++) {
    const source = sources[index];
    const type = (columns[index] as EngineColumn).type;
    text += index > 0 ? ',' : '';
    text += keys[index];
    text += cellJson(type, cells[index] as Cell, typeof source === 'string' ? source : '');
  }
  return `${text}}`;
}

function withDeclared(own: readonly EngineColumn[], declared: readonly EngineColumn[] | undefined): EngineColumn[] {
  const types = new Map(declared?.map(({ name, type }) => [name, type]));
  return own.map(({ name, type }) => ({ name, type: types.get(name) ?? (declared ? 'string' : type) }));
}

function uniqueNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((field, index) => {
    const base = field.trim() || `column${index}`;
    let name = base;
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
    taken.add(name);
    return name;
  });
}

function* objectsOf(records: readonly JsonRecord[]): Generator<Record<string, unknown>> {
  for (const { value } of records) if (value) yield value;
}

async function take<T>(source: AsyncGenerator<T[]>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const batch of source) {
    for (const item of batch.slice(0, count - taken.length)) taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}
