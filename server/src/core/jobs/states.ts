import { sql } from 'kysely';
import { terminalStates } from './job.ts';

/**
 * The engine's states that overrule a job's own. A handler always ends its job itself, in its last step; what the engine
 * ends without it (given up after too many recoveries, canceled or broken beneath the handler) shows here.
 */
const engineToJob = { ERROR: 'failed', MAX_RECOVERY_ATTEMPTS_EXCEEDED: 'failed', CANCELLED: 'canceled' } as const;

/** SQL: the state of `jobs` joined with the engine's `workflow`. */
export const stateExpression = sql<string>`case
  when jobs.state in (${sql.join(terminalStates.map((state) => sql.lit(state)))}) then jobs.state
  ${sql.join(
    Object.entries(engineToJob).map(
      ([engine, job]) => sql`when workflow.status = ${sql.lit(engine)} then ${sql.lit(job)}`,
    ),
    sql` `,
  )}
  else jobs.state end`;
