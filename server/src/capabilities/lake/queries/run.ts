import { AppError } from '../../../core/errors.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { QueryOutput, QueryParams } from '../engine/query-protocol.ts';
import type { VersionObjects } from '../jobs/version-objects.ts';
import type { TableNeeds } from '../tables/version-tables.ts';
import { type HeldVersion, holdVersion } from './version-tables.ts';

/** Of the rows of an answer as JSON text. */
const maxBytes = 2 ** 20;
/** A child gets this long to end a query that is late in good order; then it is killed. */
const graceMs = 1000;

export interface VersionQuery {
  readonly sql: string;
  readonly params?: QueryParams | undefined;
  readonly maxRows: number;
  /** For all of it: tables that are not there yet, the wait for a free child, the query. */
  readonly timeoutMs: number;
}

export interface QueryNeeds extends TableNeeds {
  /** Not the pool of all others: what a query does to its child must not hurt an ingest. */
  readonly queries: EnginePool;
}

/** Runs a query on the objects of a version. Throws QUERY_FAILED, QUERY_TIMED_OUT, QUERY_TOO_LARGE, TABLES_BUILDING. */
export async function runQuery(
  of: VersionObjects,
  { sql, params, maxRows, timeoutMs }: VersionQuery,
  needs: QueryNeeds,
  signal: AbortSignal,
): Promise<QueryOutput> {
  const deadline = Date.now() + timeoutMs;
  const { tables, release } = await inTime(holdVersion(of, needs), timeoutMs, signal);
  const late = AbortSignal.timeout(Math.max(0, deadline - Date.now()) + graceMs);
  try {
    return await needs.queries.run(
      'query',
      { tables, sql, maxRows, maxBytes, deadline, ...(params && { params }) },
      { signal: AbortSignal.any([signal, late]) },
    );
  } catch (error) {
    throw toQueryError(error, late.aborted && !signal.aborted);
  } finally {
    release();
  }
}

/** Waits for tables. A caller who leaves does not end the making of them: whoever asks again finds them there. */
async function inTime(held: Promise<HeldVersion>, timeoutMs: number, signal: AbortSignal): Promise<HeldVersion> {
  const late = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, late]);
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.aborted ? canceled() : building());
  either.addEventListener('abort', leave, { once: true });
  if (either.aborted) leave();
  try {
    return await Promise.race([held, left.promise]);
  } catch (error) {
    held.then(
      ({ release }) => release(),
      () => undefined,
    );
    throw error;
  } finally {
    either.removeEventListener('abort', leave);
  }
}

function toQueryError(error: unknown, late: boolean): unknown {
  if (late) return timedOut();
  if (!(error instanceof AppError)) return error;
  if (error.code === 'ENGINE_FAILED') {
    const suggestion = 'Correct it by what details.engine says; DESCRIBE dataset shows the columns.';
    return new AppError('QUERY_FAILED', 'The engine could not run this query.', suggestion, error.details);
  }
  if (error.code === 'ENGINE_OVERRUN') return tooLarge();
  return error.code === 'ENGINE_DIED' ? died() : error;
}

function timedOut(): AppError {
  return new AppError(
    'QUERY_TIMED_OUT',
    'The query took longer than it may.',
    'Read fewer rows or columns, or give more timeout_s.',
  );
}

function tooLarge(): AppError {
  return new AppError(
    'QUERY_TOO_LARGE',
    'The query needed more memory than it may have.',
    'Filter or aggregate earlier, and sort or join less at once.',
    { limit: 'memory' },
  );
}

function died(): AppError {
  return new AppError(
    'QUERY_FAILED',
    'The query ended the process that it ran in.',
    'Write it simpler: less deeply nested, with fewer columns.',
  );
}

function building(): AppError {
  return new AppError(
    'TABLES_BUILDING',
    'The objects of this version are still being read for the first time.',
    'Call query_dataset again with the same input in a while; nothing is lost.',
  );
}

function canceled(): AppError {
  return new AppError('CANCELED', 'The call was canceled.', 'Call again if the result is still wanted.');
}
