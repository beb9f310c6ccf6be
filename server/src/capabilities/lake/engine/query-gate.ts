import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../../core/errors.ts';
import { EngineFailure } from './failure.ts';

/** A query that may run. Names are folded. */
export interface Admitted {
  readonly text: string;
  /** What it reads from; some of it may be names of its own. */
  readonly tables: ReadonlySet<string>;
  /** Names that it gives by WITH. Where each of them holds is the engine's to say. */
  readonly own: ReadonlySet<string>;
}

/** Functions that give rows and read nothing but their arguments. All others read files, settings or the catalogue, or run texts. */
const tableFunctions = new Set(['range', 'generate_series', 'unnest', 'json_each', 'json_tree']);
/** Functions that tell of the engine's settings, or look into a query that is hidden in a text. */
const refusedFunctions = new Set([
  'current_setting',
  'getvariable',
  'getenv',
  'write_log',
  'json_serialize_plan',
  'json_serialize_sql',
  'json_deserialize_sql',
]);
/** What rows may come from. A kind that is not here is one that came with a later engine, or never with text. */
const sources = new Set([
  'BASE_TABLE',
  'EMPTY',
  'EXPRESSION_LIST',
  'JOIN',
  'PIVOT',
  'SHOW_REF',
  'SUBQUERY',
  'TABLE_FUNCTION',
]);
const explaining = /^\s*explain(\s+analyze)?\s+/i;

/**
 * Admits one SELECT, as the engine's own parser sees it; DESCRIBE, SUMMARIZE and VALUES are SELECTs to it, and EXPLAIN may
 * stand in front. It may name tables without a schema, and few functions in their place.
 */
export async function admit(connection: DuckDBConnection, sql: string): Promise<Admitted> {
  // The engine takes texts that end at NUL: what is checked and what runs would differ.
  if (sql.includes('\0') || !sql.isWellFormed()) throw refused('The query has characters that no query has.');
  const explain = explaining.exec(sql)?.[0] ?? '';
  const body = sql.slice(explain.length);
  const tables = new Set<string>();
  const own = new Set<string>();
  check(await parse(connection, body), tables, own);
  return { text: explain + body, tables, own };
}

/** How the engine tells names apart. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

async function parse(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const read = await connection.runAndReadAll(
    'SELECT json_serialize_sql($1::VARCHAR, skip_null := true, skip_default := true)',
    [sql],
  );
  const parsed = JSON.parse(String(read.getRowsJS()[0]?.[0])) as {
    readonly error: boolean;
    readonly error_type?: string;
    readonly error_message?: string;
    readonly statements?: readonly { readonly node: unknown }[];
  };
  if (parsed.error) {
    if (parsed.error_type === 'parser') throw new EngineFailure('duckdb', String(parsed.error_message));
    throw refused('Only a SELECT can be run here.');
  }
  if (parsed.statements?.length !== 1) throw refused('A query is one statement.');
  return parsed.statements[0]?.node;
}

/** Looks at every part of the parsed query. Not by recursion: how deep it goes is the caller's to choose. */
function check(query: unknown, tables: Set<string>, own: Set<string>): void {
  const left: unknown[] = [query];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null) continue;
    if (!Array.isArray(part)) checkPart(part as Record<string, unknown>, tables, own);
    for (const value of Object.values(part)) left.push(value);
  }
}

function checkPart(part: Record<string, unknown>, tables: Set<string>, own: Set<string>): void {
  const { type, from_table: source, cte_map: withs, cte_name: recursive } = part;
  checkSource(source);
  if (type === 'JOIN') for (const side of [part.left, part.right]) checkSource(side);
  if (type === 'PIVOT') checkSource(part.source);
  if (type === 'TABLE_FUNCTION') {
    const { function_name: name } = part.function as { function_name?: unknown };
    if (!tableFunctions.has(foldName(String(name)))) throw refusedFunction(String(name));
  }
  if (typeof part.function_name === 'string' && refusedFunctions.has(foldName(part.function_name)))
    throw refusedFunction(part.function_name);
  if (type === 'SHOW_REF' && part.query === undefined) throw refused('SHOW needs the name of a table.');
  if (type === 'BASE_TABLE') tables.add(nameOf(part));
  for (const { key } of (withs as { map?: { key: string }[] } | undefined)?.map ?? []) own.add(foldName(key));
  if (typeof recursive === 'string') own.add(foldName(recursive));
}

function checkSource(source: unknown): void {
  const type = (source as { type?: unknown } | undefined)?.type;
  if (source !== undefined && !sources.has(String(type))) throw refused('The query reads from what is no table.');
}

function nameOf(part: Record<string, unknown>): string {
  const { catalog_name: catalog, schema_name: schema, table_name: name } = part;
  if (catalog !== undefined || (schema !== undefined && foldName(String(schema)) !== 'main'))
    throw refused('The query names a schema; there is none but the tables of the dataset.');
  return foldName(String(name));
}

function refusedFunction(name: string): AppError {
  return refused(`The query calls ${name.slice(0, 100)}, which is not for queries.`);
}

function refused(message: string): AppError {
  return new AppError(
    'QUERY_FAILED',
    message,
    'Write one SELECT (or WITH, VALUES, DESCRIBE, SUMMARIZE, EXPLAIN) on "dataset" or on a table named as its object.',
  );
}
