import { holds } from './compare.ts';
import type { ContractRule, RuleResult } from './rules.ts';

/** Compares what was counted; without a comparison nothing may have been. */
export function compared(rule: ContractRule, rows: number, count: number): RuleResult {
  const value = rule.unit === 'percent' ? (rows === 0 ? 0 : (100 * count) / rows) : count;
  const passed = rule.compare ? holds(value, rule.compare) : count === 0;
  const measured = rule.compare ? { value } : {};
  const failed = rule.check.kind === 'rows' ? {} : { failed: count };
  return { rule: rule.id, status: passed ? 'passed' : broken(rule).status, checked: rows, ...failed, ...measured };
}

export function broken(rule: ContractRule): { rule: string; status: 'failed' | 'warned' } {
  return { rule: rule.id, status: rule.severity === 'error' ? 'failed' : 'warned' };
}

export function skipped(rule: ContractRule, reason: string): RuleResult {
  return { rule: rule.id, status: 'skipped', reason };
}

export function isBroken({ status }: RuleResult): boolean {
  return status === 'failed' || status === 'warned';
}
