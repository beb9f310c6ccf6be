import { z } from 'zod';

const seconds = z
  .number()
  .min(0)
  .max(10 * 365 * 86_400);
const shared = {
  /** Where to; without it every target that the dataset was ever ingested into, or else lance. */
  targets: z.array(z.string().min(1).max(100)).min(1).max(10).optional(),
  /** As start_ingest takes it; without it that of the ingest before. */
  mapping: z.record(z.string(), z.unknown()).optional(),
  /** Of jobs that wait for a place, those of lower numbers begin first; what somebody called for has 0. */
  priority: z.int().min(0).max(1000).default(0),
};

/** The policies that are enforced, and their parameters with what they are when nobody says. Times are in seconds but for …_ms. */
export const paramsOf = {
  lazy: z.object({
    ...shared,
    allow_stale: z.boolean().default(true),
    wait_ms: z.int().min(0).max(40_000).default(0),
    max_staleness: seconds.nullable().default(null),
    evict_after: seconds.nullable().default(null),
  }),
  'busy-beaver': z.object({
    ...shared,
    scope: z.enum(['version', 'object']).default('version'),
    debounce_ms: z.int().min(0).max(3_600_000).default(2000),
    max_parallel: z.int().min(1).max(16).default(1),
    on_validation_fail: z.enum(['block', 'warn']).default('block'),
  }),
  'hot-index': z.object({
    ...shared,
    rebuild_ratio: z.number().min(0).max(1).default(0.3),
    keep_previous: z.int().min(0).max(10).default(1),
    warm_queries: z.array(z.string().min(1).max(2000)).max(20).default([]),
    max_lag_s: seconds.nullable().default(null),
    verify: z.boolean().default(true),
  }),
} as const;

export type PolicyName = keyof typeof paramsOf;
export type Params<N extends PolicyName> = z.output<(typeof paramsOf)[N]>;
/** A policy that is enforced, with all its parameters. */
export type Rule = { [N in PolicyName]: { readonly name: N; readonly params: Params<N> } }[PolicyName];

/** Of several that are on, the first of these rules. */
export const precedence: readonly PolicyName[] = ['hot-index', 'busy-beaver', 'lazy'];

export function isKnown(name: string): name is PolicyName {
  return Object.hasOwn(paramsOf, name);
}

/** A policy as a rule; undefined when it is none of ours. Throws a ZodError for parameters that make no sense. */
export function ruleOf({ name, params }: { readonly name: string; readonly params: unknown }): Rule | undefined {
  return isKnown(name) ? ({ name, params: paramsOf[name].parse(params) } as Rule) : undefined;
}

/** Parameters that are kept, but that nothing here looks at. */
export function ignoredParams({ name, params }: { name: string; params: Readonly<Record<string, unknown>> }): string[] {
  const known = isKnown(name) ? Object.keys(paramsOf[name].shape) : [];
  return Object.keys(params).filter((param) => !known.includes(param));
}
