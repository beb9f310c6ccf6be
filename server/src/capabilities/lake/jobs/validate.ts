import type { Db } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { builtInRules, runBuiltIn } from '../contracts/built-in.ts';
import type { Contract } from '../contracts/odcs.ts';
import { groupTables, runContract, textColumns } from '../contracts/run.ts';
import { findContract, insertValidation } from '../contracts/store.ts';
import type { RuleResult } from '../engine/contract/rules.ts';
import type { QueryNeeds } from '../queries/run.ts';
import { findDataset, setDatasetState } from '../store.ts';
import { versionTables } from '../tables/version-tables.ts';
import { versionObjects } from './version-objects.ts';

export interface ValidateInput {
  readonly dataset_id: string;
  readonly version: string;
  /** Rules to check; by default all. */
  readonly rules?: readonly string[];
  /** In place of the dataset's own. */
  readonly contract?: Contract;
}

export interface ValidateNeeds extends QueryNeeds {
  readonly db: Db;
}

/** Names of rules and keys of objects in the summary; get_validation_report has all of them. */
const maxNames = 100;

/** Reads a version through and checks rules on it. A rule that is not run is `skipped`, never passed. */
export const validate = (needs: ValidateNeeds): JobHandler => ({
  kind: 'lake.validate',
  version: 2,
  scope: 'lake:write',
  async run(context, rawInput) {
    const input = rawInput as unknown as ValidateInput;
    const { dataset_id } = input;
    /** The state of a dataset tells of its current version only. */
    const tell = async (tx: Db, version: string, state: string) => {
      if ((await findDataset(tx, dataset_id))?.version === version) await setDatasetState(tx, dataset_id, state);
    };
    const plan = await context.transaction('plan', async (tx) => {
      const found = await versionObjects(tx, dataset_id, input.version);
      const own = input.contract ? undefined : await findContract(tx, dataset_id);
      await tell(tx, found.version, 'validating');
      return {
        ...found,
        contract: input.contract ?? own?.contract ?? null,
        revision: own?.revision ?? null,
        now: Date.now(),
      };
    });
    try {
      const contract = plan.contract ?? undefined;
      const { columns, tables } = await versionTables(context, plan, needs, textColumns(contract));
      const several = (contract?.schema?.length ?? 0) > 1;
      const { groups: own, unmatched } =
        contract && several ? groupTables(contract, tables) : { groups: [tables], unmatched: [] };
      const groups = [...own, ...unmatched.map((table) => [table])];
      const wanted = new Set(input.rules ?? []);
      const isWanted = (rule: string) => input.rules === undefined || wanted.has(rule);
      const results = await context.step(
        'check',
        async () => {
          const found = builtInRules.filter(isWanted).map((rule) => runBuiltIn(rule, groups));
          if (contract) {
            const options = { signal: context.signal };
            found.push(...(await runContract(plan, contract, isWanted, tables, needs, plan.now, options)));
          }
          const known = new Set(found.map(({ rule }) => rule));
          return [...found, ...[...wanted].filter((rule) => !known.has(rule)).map((rule) => runBuiltIn(rule, groups))];
        },
        { retries: 3, backoffMs: 500 },
      );
      const failed = namesOf(results, 'failed');
      const passed = failed.length === 0;
      await context.transaction('conclude', async (tx) => {
        const { version, manifest_id, revision: contract_revision } = plan;
        const about = { job_id: context.job.id, dataset_id, version, manifest_id, contract_revision };
        await insertValidation(tx, { ...about, passed, failed_rules: failed.slice(0, maxNames) }, results);
        await tell(tx, version, passed ? 'validated' : 'failed');
      });
      const rows = tables.reduce((sum, table) => sum + table.rows, 0);
      const rejected = tables.reduce((sum, table) => sum + table.rejected, 0);
      context.progress(1, { rows, errors: rejected });
      return {
        report: {
          version: plan.version,
          manifest_id: plan.manifest_id,
          contract_revision: plan.revision,
          passed,
          counts: countsOf(results),
          failed_rules: failed.slice(0, maxNames),
          warned_rules: namesOf(results, 'warned').slice(0, maxNames),
          objects: tables.length,
          columns: columns.length,
          rows,
          rejected,
          skipped_objects: plan.skipped.slice(0, maxNames),
          unmatched_objects: unmatched.slice(0, maxNames).map(({ object }) => object.key),
        },
      };
    } catch (error) {
      await context.conclude('give up', (tx) => tell(tx, plan.version, 'failed'));
      throw error;
    }
  },
});

function namesOf(results: readonly RuleResult[], status: RuleResult['status']): string[] {
  return results.filter((result) => result.status === status).map(({ rule }) => rule);
}

function countsOf(results: readonly RuleResult[]): Record<RuleResult['status'], number> {
  const counts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
