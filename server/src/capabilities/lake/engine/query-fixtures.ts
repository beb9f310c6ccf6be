import { join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { mergeColumns } from '../tables/merge-columns.ts';
import type { Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import type { QueryOutput, QueryParams, QueryTable } from './query-protocol.ts';

/** Objects with these contents by key, as tables below the scratch directory. */
export async function putTables(
  scratch: Scratch,
  pool: EnginePool,
  contents: Readonly<Record<string, string>>,
): Promise<QueryTable[]> {
  const objects = [];
  for (const [key, content] of Object.entries(contents)) objects.push(await scratch.put(key, content));
  const { objects: described } = await pool.run('describe', { objects });
  const types = new Map(mergeColumns(described.map(({ columns }) => columns)).map(({ name, type }) => [name, type]));
  const tables: QueryTable[] = [];
  for (const [at, object] of objects.entries()) {
    const dir = `${object.path}-table`;
    const wanted = (described[at]?.columns ?? []).map(({ name, type }) => ({ name, type: types.get(name) ?? type }));
    const { files, columns } = await pool.run('materialise', { object, columns: wanted, dir });
    tables.push({ key: object.key, columns, files: files.map((file) => join(dir, file)) });
  }
  return tables;
}

export interface Asked {
  readonly params?: QueryParams;
  readonly maxRows?: number;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

/** Asks tables as the server does, with limits that a test may narrow. */
export function query(
  pool: EnginePool,
  tables: readonly QueryTable[],
  sql: string,
  { params, maxRows = 100, maxBytes = 2 ** 20, timeoutMs = 20_000 }: Asked = {},
): Promise<QueryOutput> {
  const deadline = Date.now() + timeoutMs;
  const input = { tables, sql, maxRows, maxBytes, deadline, ...(params && { params }) };
  return pool.run('query', input, { timeoutMs: timeoutMs + 1000 });
}

/** The error that a query ends with. */
export async function refusal(asked: Promise<QueryOutput>): Promise<AppError> {
  const outcome = await asked.catch((error: unknown) => error);
  if (outcome instanceof AppError) return outcome;
  throw new Error(`not refused: ${JSON.stringify(outcome)}`);
}
