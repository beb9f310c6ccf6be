import type { Db } from '../../../core/db/database.ts';
import type { Dataset } from '../contract.ts';
import { pausedBecause } from './actor.ts';
import { ignoredParams, isKnown, ruleOf } from './known.ts';
import { rulingOf } from './rule.ts';
import { listPolicies, type PolicyRow } from './store.ts';

/** Policies as a dataset shows them: what was put, and whether anything enforces it. */
export function publicPolicies(policies: readonly PolicyRow[]): Dataset['policies'] {
  return policies.map(({ name, enabled, params }) => ({ name, enabled, params, enforced: isKnown(name) }));
}

/** Policies with all that can be said of them now. */
export async function showPolicies(db: Db, datasetId: string) {
  const policies = await listPolicies(db, datasetId);
  const ruling = await rulingOf(db, policies);
  return Promise.all(
    policies.map(async (policy) => {
      const { name, enabled, params } = policy;
      const enforced = isKnown(name);
      const ignored = enforced ? ignoredParams(policy) : [];
      const paused = enforced && enabled ? await pausedBecause(db, policy) : undefined;
      return {
        name,
        enabled,
        params,
        enforced,
        rules: ruling?.policy.name === name && ruling.paused === undefined,
        ...(enforced && { effective_params: { ...ruleOf(policy)?.params } }),
        ...(ignored.length > 0 && { ignored_params: ignored }),
        ...(paused !== undefined && { paused }),
      };
    }),
  );
}
