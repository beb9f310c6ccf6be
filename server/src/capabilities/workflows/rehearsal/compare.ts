import { canonicalJson } from '../../../core/canonical.ts';
import type { Rehearsal } from './rehearse.ts';
import type { Script } from './script.ts';

/** One thing that a script expects. */
export interface Comparison {
  readonly what: string;
  readonly met: boolean;
  readonly expected: unknown;
  readonly got: unknown;
}

/** Compares a run with what its script expects of it: only what stands there. */
export function compare(made: Rehearsal, expect: NonNullable<Script['expect']>): Comparison[] {
  const compared: Comparison[] = [];
  const check = (what: string, expected: unknown, got: unknown) => {
    const met = canonicalJson(expected) === canonicalJson(got ?? null);
    compared.push({ what, met, expected, got });
  };
  const { calls, error, ...others } = expect;
  for (const [field, expected] of Object.entries(others)) check(field, expected, made[field as 'status']);
  if (error !== undefined) check('error', error, made.error?.Error);
  for (const [tool, times] of Object.entries(calls ?? {})) check(`calls of ${tool}`, times, made.calls[tool] ?? 0);
  return compared;
}
