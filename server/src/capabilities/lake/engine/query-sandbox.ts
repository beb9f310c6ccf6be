import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult, Json } from '@duckdb/node-api';
import { AppError } from '../../../core/errors.ts';
import { native, openReader, quoted } from './duckdb.ts';
import { EngineFailure } from './failure.ts';
import { type Admitted, admit } from './query-gate.ts';
import { cutCell, jsonConverter } from './query-json.ts';
import type { QueryOutput, QueryParams } from './query-protocol.ts';

/** Something that a query may read: its name as shown, and the SELECT of ours that stands behind it. */
export interface Relation {
  readonly name: string;
  readonly select: () => string;
}

export interface SandboxedQuery {
  readonly sql: string;
  readonly params?: QueryParams | undefined;
  readonly maxRows: number;
  /** Of the rows as JSON text. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

const namesShown = 50;
const interruptMs = 50;
const nothing = `SELECT error('This name of WITH does not hold here.') AS nothing`;

/** A place where strangers' queries run one after the other. */
export interface Sandbox {
  /**
   * Throws QUERY_FAILED, QUERY_TIMED_OUT and QUERY_TOO_LARGE in our own words, and an EngineFailure with those of the engine.
   * After a failure the sandbox is to be closed.
   */
  run(query: SandboxedQuery): Promise<QueryOutput>;
  close(): void;
}

/**
 * Opens a sandbox in which queries read relations and nothing else. It belongs into a child process that may die of them.
 * `files` are all that the SELECTs of the relations read; `relations` go by folded names.
 */
export async function openSandbox(
  files: readonly string[],
  relations: ReadonlyMap<string, Relation>,
  memoryMb: number,
): Promise<Sandbox> {
  const { connection, close } = await openReader(files, memoryMb);
  const views = new Set<string>();
  return { run: (query) => runQuery(connection, relations, views, query), close };
}

/** Runs one query in a sandbox of its own. */
export async function runSandboxed(
  files: readonly string[],
  relations: ReadonlyMap<string, Relation>,
  query: SandboxedQuery,
  memoryMb: number,
): Promise<QueryOutput> {
  const sandbox = await openSandbox(files, relations, memoryMb);
  try {
    return await sandbox.run(query);
  } finally {
    sandbox.close();
  }
}

async function runQuery(
  connection: DuckDBConnection,
  relations: ReadonlyMap<string, Relation>,
  views: Set<string>,
  query: SandboxedQuery,
): Promise<QueryOutput> {
  const stop = interruptAfter(connection, query.timeoutMs);
  try {
    const admitted = await admit(connection, query.sql);
    await createViews(connection, relations, views, admitted);
    // What is admitted writes nothing; should the engine think otherwise, it refuses.
    await connection.run('BEGIN TRANSACTION READ ONLY');
    const prepared = await prepare(connection, admitted.text);
    try {
      bind(prepared, query.params);
      return await collect(await native(() => prepared.stream()), query, stop.late);
    } finally {
      prepared.destroySync();
      await connection.run('ROLLBACK');
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (stop.late()) throw timedOut(query.timeoutMs);
    const text = error instanceof Error ? error.message : String(error);
    if (/^out of memory/i.test(text)) throw tooLarge();
    throw new EngineFailure('duckdb', text);
  } finally {
    stop.clear();
  }
}

/** An interrupt only meets what runs at that moment, so it is repeated. */
function interruptAfter(connection: DuckDBConnection, timeoutMs: number) {
  const end = Date.now() + timeoutMs;
  const late = () => Date.now() >= end;
  const timer = setInterval(() => late() && connection.interrupt(), interruptMs);
  return { late, clear: () => clearInterval(timer) };
}

/** `views` are those that there are: what stands behind a name is the same for every query. */
async function createViews(
  connection: DuckDBConnection,
  relations: ReadonlyMap<string, Relation>,
  views: Set<string>,
  { tables, own }: Admitted,
): Promise<void> {
  for (const table of tables) {
    const relation = relations.get(table);
    if (!relation && !own.has(table)) throw noTable(relations);
    if (views.has(table)) continue;
    // A name of WITH has something behind it where it does not hold: there a view or a file of the engine's could answer.
    const { name, select } = relation ?? { name: table, select: () => nothing };
    await native(() => connection.run(`CREATE OR REPLACE VIEW ${quoted(name, '"')} AS ${select()}`));
    views.add(table);
  }
}

async function prepare(connection: DuckDBConnection, text: string): Promise<DuckDBPreparedStatement> {
  const { StatementType } = await import('@duckdb/node-api');
  const statements = await connection.extractStatements(text);
  const prepared = statements.count === 1 ? await statements.prepare(0) : undefined;
  const type = prepared?.statementType;
  if (!prepared || (type !== StatementType.SELECT && type !== StatementType.EXPLAIN))
    throw new AppError('QUERY_FAILED', 'Only a SELECT can be run here.', 'Write one SELECT.');
  return prepared;
}

function bind(prepared: DuckDBPreparedStatement, params: QueryParams = []): void {
  const count = Object.keys(params).length;
  if (count !== prepared.parameterCount) {
    throw new AppError(
      'QUERY_FAILED',
      `The query has ${prepared.parameterCount} parameters and was given ${count}.`,
      'Give params as an array for ? and $1, or as an object for $name.',
    );
  }
  if (isList(params)) prepared.bind([...params]);
  else prepared.bind({ ...params });
}

function isList(params: QueryParams): params is Extract<QueryParams, readonly unknown[]> {
  return Array.isArray(params);
}

/** Reads rows until there are enough. Value by value, as a block of rows may be larger than this process can hold. */
async function collect(result: DuckDBResult, query: SandboxedQuery, late: () => boolean): Promise<QueryOutput> {
  const duck = await import('@duckdb/node-api');
  const convert = jsonConverter(duck);
  const types = result.columnTypes();
  const columns = result.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
  const rows: Json[][] = [];
  let bytes = JSON.stringify(columns).length;
  let cut = 0;
  if (bytes > query.maxBytes) throw tooManyColumns();
  const answer = (truncated: QueryOutput['truncated']) => ({ columns, rows, truncated, cut_cells: cut });
  for (;;) {
    const chunk = await native(() => result.fetchChunk());
    if (late()) throw timedOut(query.timeoutMs);
    if (!chunk || chunk.rowCount === 0) return answer(null);
    for (let at = 0; at < chunk.rowCount; at++) {
      if (rows.length === query.maxRows) return answer('max_rows');
      const row: Json[] = [];
      for (const [column, type] of types.entries()) {
        const value = chunk.getColumnVector(column).getItem(at);
        const cell = cutCell(value === null ? null : convert(value, type, convert));
        row.push(cell.value);
        bytes += cell.length + 1;
        cut += Number(cell.cut);
      }
      if (bytes > query.maxBytes) return answer('max_bytes');
      rows.push(row);
    }
  }
}

function noTable(relations: ReadonlyMap<string, Relation>): AppError {
  return new AppError(
    'QUERY_FAILED',
    'The query reads from a table that is not there.',
    'Read from "dataset", or from one of details.tables in double quotes.',
    { tables: [...relations.values()].slice(0, namesShown).map(({ name }) => name) },
  );
}

function timedOut(timeoutMs: number): AppError {
  return new AppError(
    'QUERY_TIMED_OUT',
    'The query took longer than it may.',
    'Read fewer rows or columns, or give more timeout_s.',
    { limit: 'time_ms', value: timeoutMs },
  );
}

function tooManyColumns(): AppError {
  return new AppError('QUERY_TOO_LARGE', 'The query has too many columns.', 'Select fewer of them.', {
    limit: 'columns',
  });
}

function tooLarge(): AppError {
  return new AppError(
    'QUERY_TOO_LARGE',
    'The query needed more memory than it may have.',
    'Filter or aggregate earlier, and sort or join less at once.',
    { limit: 'memory' },
  );
}
