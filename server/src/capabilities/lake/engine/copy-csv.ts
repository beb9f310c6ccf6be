import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { countPlainLines } from './csv-lines.ts';
import { type Duck, openWriter, quoted } from './duckdb.ts';
import type { ColumnType, EngineOps } from './protocol.ts';
import { type CsvPlan, planCsv } from './read-objects.ts';

const file = 'part-00000.parquet';

/**
 * Lets DuckDB turn a whole CSV file into a table, several times as fast as our own reader, where it is certain to give the
 * very same rows: a plain file of one record a line, and of values that both read alike. Anything else ends the query, and
 * undefined is answered: then our own reader reads the whole file, for it alone decides about odd rows.
 */
export async function copyCsv(
  { object, columns: wanted, dir }: EngineOps['materialise']['input'],
  memoryMb: number,
): Promise<EngineOps['materialise']['output'] | undefined> {
  // The engine would take such a name for a pattern of names.
  if (object.format !== 'csv' || /[*?[\]{}]/.test(object.path)) return undefined;
  const plan = await planCsv(object, wanted);
  const query = copyQuery(object.path, path.join(dir, file), plan);
  if (query === undefined) return undefined;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const duck = await openWriter(dir, memoryMb, object.path);
  try {
    const [lines, rows] = await Promise.all([
      countPlainLines(object.path, plan.delimiter, plan.columns.length).then((found) => {
        if (found === undefined) duck.connection.interrupt();
        return found;
      }),
      copied(duck, query),
    ]);
    if (rows !== undefined && lines === rows + (plan.headed ? 1 : 0))
      return { columns: plan.columns, files: [file], rows, rejected: 0, rejects: [] };
  } finally {
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

function copyQuery(from: string, to: string, { delimiter, headed, columns }: CsvPlan): string | undefined {
  const casts = columns.map(({ type }, index) => cast(type, `v${index}`));
  if (casts.length === 0 || casts.includes(undefined)) return undefined;
  const select = casts.map((sql, index) => `${sql} AS c${index}`);
  const names = columns.map((_, index) => `v${index}: 'VARCHAR'`);
  return `COPY (
    SELECT ${select.join(', ')}, row_number() OVER () + ${headed ? 1 : 0} AS line, row_number() OVER () - 1 AS ordinal
    FROM read_csv(${quoted(from, "'")}, auto_detect = false, header = false, skip = ${headed ? 1 : 0},
      delim = ${quoted(delimiter, "'")}, quote = '"', escape = '"', comment = '', nullstr = '', strict_mode = true,
      null_padding = false, ignore_errors = false, compression = 'none', columns = {${names.join(', ')}})
  ) TO ${quoted(to, "'")} (FORMAT parquet, COMPRESSION lz4_raw)`;
}

const TIME = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z?';

/** Casts texts that both readers take for the same value, and fails at any other; undefined for a type without such texts. */
function cast(type: ColumnType, text: string): string | undefined {
  const only = (condition: string, value: string) =>
    `CASE WHEN ${text} IS NULL OR ${text} = '' THEN NULL WHEN ${condition} THEN ${value} ELSE error('odd') END`;
  switch (type) {
    case 'string':
      return `NULLIF(${text}, '')`;
    case 'integer':
      return only(`regexp_full_match(${text}, '[+-]?[0-9]{1,18}')`, `CAST(${text} AS BIGINT)`);
    case 'number':
      // Too short to be infinite. Adding 0 makes -0 the 0 that it is.
      return only(
        `regexp_full_match(${text}, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,2})?') AND strlen(${text}) < 200`,
        `CAST(${text} AS DOUBLE) + 0`,
      );
    case 'boolean':
      return only(
        `${text} IN ('true', 'false', 'True', 'False', 'TRUE', 'FALSE')`,
        `${text} IN ('true', 'True', 'TRUE')`,
      );
    case 'date':
      // Years before 1 are counted otherwise.
      return only(
        `regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND ${text} > '0001'`,
        `CAST(${text} AS DATE)`,
      );
    case 'timestamp':
      return only(
        `regexp_full_match(${text}, '${TIME}') AND ${text} > '0001'`,
        `CAST(${text} AS TIMESTAMP)::TIMESTAMP_MS`,
      );
    case 'json':
      return undefined;
  }
}
