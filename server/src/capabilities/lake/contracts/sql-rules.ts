import { AppError } from '../../../core/errors.ts';
import { broken } from '../engine/contract/results.ts';
import { type ContractRule, type Group, type RuleResult, SQL_RULE_MS } from '../engine/contract/rules.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { TableOptions } from '../tables/version-tables.ts';

/** A child gets this long to end a query that is late in good order; then it is killed. */
const graceMs = 2000;

/**
 * Runs the queries of rules, one after the other, where callers' queries run, so that none of them takes a process from an
 * ingest. One that brings its process down is a rule that failed, and harms no other rule.
 */
export async function runSqlRules(
  groups: readonly Group[],
  rules: readonly ContractRule[],
  queries: EnginePool,
  { signal }: TableOptions,
): Promise<RuleResult[]> {
  const results: RuleResult[] = [];
  const options = { timeoutMs: SQL_RULE_MS + graceMs, ...(signal && { signal }) };
  const run = async (rule: ContractRule, again: boolean): Promise<readonly RuleResult[]> => {
    try {
      return (await queries.run('contract', { groups, rules: [rule] }, options)).results;
    } catch (error) {
      const code = error instanceof AppError ? error.code : '';
      // The end of a process may not have been the query's doing.
      if (code === 'ENGINE_DIED' && !again) return run(rule, true);
      if (code !== 'ENGINE_DIED' && code !== 'ENGINE_OVERRUN') throw error;
      return [{ ...broken(rule), reason: 'the query took more time or memory than it may' }];
    }
  };
  for (const rule of rules) results.push(...(await run(rule, false)));
  return results;
}
