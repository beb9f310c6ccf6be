import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { countPlainLines } from './csv-lines.ts';
import { type Duck, openWriter, quoted } from './duckdb.ts';
import { byteStream } from './lines.ts';
import type { ColumnType, EngineColumn, EngineOps } from './protocol.ts';
import { type CsvPlan, planCsv } from './read-objects.ts';
import { countedFile } from './table-files.ts';

/**
 * Lets DuckDB turn a whole CSV file into a table, several times as fast as our own reader, where it is certain to give the
 * very same rows: a plain or packed file of one record a line, and of values that both read alike. Anything else ends the query, and
 * undefined is answered: then our own reader reads the whole file, for it alone decides about odd rows.
 */
export async function copyCsv(
  { object, columns: wanted, dir }: EngineOps['materialise']['input'],
  memoryMb: number,
): Promise<EngineOps['materialise']['output'] | undefined> {
  // The engine would take such a name for a pattern of names.
  if (object.format !== 'csv' || /[*?[\]{}]/.test(object.path)) return undefined;
  const plan = await planCsv(object, wanted);
  const select = plan.columns.map(({ type }, at) => cast(type, `v${at}`, `n${at}`));
  if (select.length === 0 || select.includes(undefined)) return undefined;
  const file = countedFile(plan.headed ? 2 : 1);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const duck = await openWriter(dir, memoryMb, object.path);
  const { bytes, packed } = await byteStream(object.path);
  try {
    const from = `read_csv(${quoted(object.path, "'")}, ${readOptions(plan, packed)})`;
    const [lines, rows] = await Promise.all([
      // What cannot be unpacked is our own reader's to tell.
      countPlainLines(bytes, plan.delimiter, plan.columns.length)
        .catch(() => undefined)
        .then((found) => {
          if (found === undefined) duck.connection.interrupt();
          return found;
        }),
      copied(duck, copyQuery(plan.columns, select, from, path.join(dir, file))).then((found) => {
        if (found === undefined) bytes.destroy();
        return found;
      }),
    ]);
    if (rows !== undefined && lines === rows + (plan.headed ? 1 : 0))
      return { columns: plan.columns, files: [file], rows, rejected: 0, rejects: [] };
  } finally {
    bytes.destroy();
    duck.close();
  }
  await rm(path.join(dir, file), { force: true });
  return undefined;
}

/** The number of rows that were written; undefined when the engine gave up, for whatever reason. */
async function copied({ connection }: Duck, query: string): Promise<number | undefined> {
  try {
    return (await connection.run(query)).rowsChanged;
  } catch {
    return undefined;
  }
}

function copyQuery(
  columns: readonly EngineColumn[],
  casts: readonly (string | undefined)[],
  from: string,
  to: string,
): string {
  const values = columns.map(({ type }, at) => `v${at}, CAST(v${at} AS ${engineTypes[type]}) AS n${at}`);
  const select = casts.map((sql, at) => `${sql} AS c${at}`);
  return `COPY (SELECT ${select.join(', ')} FROM (SELECT ${values.join(', ')} FROM ${from}))
    TO ${quoted(to, "'")} (FORMAT parquet, COMPRESSION lz4_raw)`;
}

function readOptions({ delimiter, headed, columns }: CsvPlan, packed: boolean): string {
  return `auto_detect = false, header = false, skip = ${headed ? 1 : 0}, hive_partitioning = false,
    delim = ${quoted(delimiter, "'")}, quote = '"', escape = '"', comment = '', nullstr = '', strict_mode = true,
    null_padding = false, ignore_errors = false, compression = '${packed ? 'gzip' : 'none'}',
    columns = {${columns.map((_, at) => `v${at}: 'VARCHAR'`).join(', ')}}`;
}

const engineTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'VARCHAR',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  json: 'VARCHAR',
};
const TIME = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z?';

/**
 * The value of a text of which both readers make the same one; any other fails. `value` is what the engine makes of it: that it
 * writes the same text again is proof enough, and found sooner than by a pattern. Undefined for a type without such texts.
 */
function cast(type: ColumnType, text: string, value: string): string | undefined {
  const only = (condition: string, sql = value) =>
    `CASE WHEN ${text} IS NULL OR ${text} = '' THEN NULL WHEN ${condition} THEN ${sql} ELSE error('odd') END`;
  const same = `${value}::VARCHAR = ${text}`;
  switch (type) {
    case 'string':
      return `NULLIF(${text}, '')`;
    case 'integer':
      return only(`${same} OR regexp_full_match(${text}, '[+-]?[0-9]{1,18}')`);
    case 'number':
      // Too short to be infinite. Adding 0 makes -0 the 0 that it is.
      return only(
        `regexp_full_match(${text}, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,2})?') AND strlen(${text}) < 200`,
        `${value} + 0`,
      );
    case 'boolean':
      return only(
        `${text} IN ('true', 'false', 'True', 'False', 'TRUE', 'FALSE')`,
        `${text} IN ('true', 'True', 'TRUE')`,
      );
    case 'date':
      // Years before 1 are counted otherwise, and those after 9999 are none to us.
      return only(`${value} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' AND ${same}`);
    case 'timestamp': {
      const years = `${value} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999'`;
      const written = `strlen(${text}) <= 23 AND ${same} OR regexp_full_match(${text}, '${TIME}')`;
      return only(`${years} AND (${written})`, `${value}::TIMESTAMP_MS`);
    }
    case 'json':
      return undefined;
  }
}
