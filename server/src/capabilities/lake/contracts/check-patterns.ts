import type { ContractRule } from '../engine/contract/rules.ts';
import type { EnginePool } from '../engine/pool.ts';
import { badContract } from './bad-contract.ts';

/** Refuses patterns that the engine's regular expressions lack, such as what looks around or back. */
export async function checkPatterns(rules: readonly ContractRule[], engines: EnginePool): Promise<void> {
  const found = rules.flatMap(({ id, check }) =>
    check.kind === 'values' && check.pattern !== undefined ? [{ id, pattern: check.pattern }] : [],
  );
  if (found.length === 0) return;
  for (const { id, pattern } of found) if (pattern.includes('\0')) throw refused(id, pattern, 'it has a NUL');
  const { errors } = await engines.run('patterns', { patterns: found.map(({ pattern }) => pattern) });
  for (const [at, error] of errors.entries()) {
    const { id, pattern } = found[at] as (typeof found)[number];
    if (error !== null) throw refused(id, pattern, error);
  }
}

function refused(rule: string, pattern: string, why: string) {
  return badContract(
    `the pattern of ${rule} is none of RE2, which has no lookaround and no backreferences, so that none takes long`,
    { rule, pattern: pattern.slice(0, 200), why: why.slice(0, 200) },
  );
}
