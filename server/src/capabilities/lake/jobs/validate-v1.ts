import type { Db } from '../../../core/db/database.ts';
import { untrusted } from '../../../core/errors.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { ObjectCheck } from '../engine/protocol.ts';
import { setDatasetState } from '../store.ts';
import { versionObjects, withEngineObjects } from './version-objects.ts';

interface ValidateInput {
  readonly dataset_id: string;
  readonly validators?: readonly string[];
}

interface ValidateNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly engines: EnginePool;
  readonly roots: readonly string[];
}

interface RuleResult {
  readonly passed: boolean;
  readonly checked: number;
  readonly failed: number;
  readonly samples?: unknown;
}

/** The rules that run without a contract. */
const rules: Readonly<Record<string, (checks: readonly ObjectCheck[]) => RuleResult>> = {
  readable: (checks) => {
    const failed = sum(checks, (check) => check.rejected);
    return {
      passed: failed === 0,
      checked: sum(checks, (check) => check.rows + check.rejected),
      failed,
      samples: checks
        .flatMap((check) => check.rejects.map((reject) => ({ object_key: check.key, ...reject })))
        .slice(0, 10)
        .map(({ text, ...reject }) => ({ ...reject, text: untrusted(reject.object_key, text) })),
    };
  },
  not_empty: (checks) => {
    const empty = checks.filter((check) => check.rows === 0);
    return {
      passed: empty.length === 0,
      checked: checks.length,
      failed: empty.length,
      samples: empty.map(({ key }) => key),
    };
  },
  same_columns: (checks) => {
    const names = (check: ObjectCheck) => check.columns.map((column) => column.name).join('\n');
    const odd = checks.filter((check) => names(check) !== names(checks[0] as ObjectCheck));
    return { passed: odd.length === 0, checked: checks.length, failed: odd.length, samples: odd.map(({ key }) => key) };
  },
};

const builtInRules = Object.keys(rules);

/** As before there were contracts, for jobs that began then. */
export const validateV1 = (needs: ValidateNeeds): JobHandler => ({
  kind: 'lake.validate',
  version: 1,
  scope: 'lake:write',
  async run(context, rawInput) {
    const input = rawInput as unknown as ValidateInput;
    const plan = await context.transaction('plan', async (tx) => {
      const found = await versionObjects(tx, input.dataset_id);
      await setDatasetState(tx, input.dataset_id, 'validating');
      return found;
    });
    const checks: ObjectCheck[] = [];
    try {
      for (const [position, object] of plan.readable.entries()) {
        const { objects } = await context.step(
          `check ${position}`,
          async () =>
            withEngineObjects(plan, [object], needs, (objects) =>
              needs.engines.run('check', { objects }, { signal: context.signal }),
            ),
          { retries: 3, backoffMs: 500 },
        );
        checks.push(...objects);
        context.progress((position + 1) / plan.readable.length, { rows: sum(checks, (check) => check.rows) });
      }
    } catch (error) {
      await context.conclude('give up', (tx) => setDatasetState(tx, input.dataset_id, 'failed'));
      throw error;
    }
    const wanted = input.validators ?? builtInRules;
    const results = wanted.map((rule) => {
      const run = Object.hasOwn(rules, rule) ? rules[rule] : undefined;
      if (!run) return { rule, status: 'skipped', reason: 'unknown rule' };
      const { passed, ...result } = run(checks);
      return { rule, status: passed ? 'passed' : 'failed', ...result };
    });
    const passed = results.every((result) => result.status !== 'failed');
    await context.transaction('conclude', (tx) =>
      setDatasetState(tx, input.dataset_id, passed ? 'validated' : 'failed'),
    );
    context.progress(1, { rows: sum(checks, (check) => check.rows), errors: sum(checks, (check) => check.rejected) });
    return {
      report: {
        version: plan.version,
        passed,
        rules: results,
        objects: checks.map(({ key, rows, rejected, columns }) => ({ key, rows, rejected, columns })),
        skipped_objects: plan.skipped,
      },
    };
  },
});

function sum(checks: readonly ObjectCheck[], of: (check: ObjectCheck) => number): number {
  return checks.reduce((total, check) => total + of(check), 0);
}
