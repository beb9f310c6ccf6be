import type { Db } from '../../../core/db/database.ts';
import { pausedBecause } from './actor.ts';
import { precedence, type Rule, ruleOf } from './known.ts';
import type { PolicyRow } from './store.ts';

export interface Ruling {
  readonly rule: Rule;
  readonly policy: PolicyRow;
  /** Why it may do nothing now. */
  readonly paused: string | undefined;
}

/** Of the policies that are on and enforced, the one that rules: the first by precedence that is not paused. */
export async function rulingOf(db: Db, policies: readonly PolicyRow[]): Promise<Ruling | undefined> {
  let first: Ruling | undefined;
  for (const name of precedence) {
    const policy = policies.find((one) => one.name === name && one.enabled);
    const rule = policy && ruleOf(policy);
    if (!policy || !rule) continue;
    const found = { rule, policy, paused: await pausedBecause(db, policy) };
    if (found.paused === undefined) return found;
    first ??= found;
  }
  return first;
}
