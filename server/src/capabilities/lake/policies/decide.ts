import type { Rule } from './known.ts';

/** What an index holds, or should: the objects of a version, read by a mapping. */
export interface Content {
  readonly version: string;
  readonly manifest_id: string;
  readonly mapping_hash: string;
}

/** A job of the dataset that has not ended. */
export interface OpenJob {
  readonly id: string;
  readonly kind: 'validate' | 'ingest';
  /** Of an ingest. */
  readonly target: string | null;
  readonly version: string | null;
  readonly queued: boolean;
  /** The policy that started it; null for one that somebody called for. */
  readonly policy: string | null;
}

/** How an automatic job of what is wanted now ended. */
export interface Ended {
  readonly id: string;
  readonly state: string;
  readonly at: number;
}

/** All that a decision about one target of a dataset rests on. Times are milliseconds since 1970. */
export interface Situation {
  readonly now: number;
  readonly target: string;
  readonly rule: Rule | undefined;
  /** Whether what rules is about other targets of the dataset: without a rule of its own this one is nobody's. */
  readonly ruledElsewhere: boolean;
  /** Why the rule may do nothing now. */
  readonly paused: string | undefined;
  readonly wanted: (Content & { readonly since: number; readonly changed: number }) | undefined;
  readonly served: (Content & { readonly since: number }) | undefined;
  /** An index of exactly what is wanted that is complete and not served. */
  readonly standby: string | undefined;
  readonly jobs: readonly OpenJob[];
  readonly tried: { readonly validate?: Ended | undefined; readonly ingest?: Ended | undefined };
  /** Of the objects that are wanted. */
  readonly validation:
    | { readonly passed: boolean; readonly job_id: string; readonly failed_rules: readonly string[] }
    | undefined;
  /** Whether somebody reads right now, and when somebody did last. */
  readonly reading: boolean;
  readonly readAt: number | undefined;
  /** Whether the lag of what is wanted was told already. */
  readonly lagTold: boolean;
}

export type Action =
  | { readonly do: 'cancel'; readonly job_id: string }
  | { readonly do: 'validate' }
  | { readonly do: 'ingest' }
  | { readonly do: 'serve'; readonly index: string }
  | { readonly do: 'evict' }
  /** What was done about what is wanted counts no more: something else was served since. */
  | { readonly do: 'renew' }
  | { readonly do: 'tell lag'; readonly lag_s: number }
  /** Decide again at this time. */
  | { readonly do: 'later'; readonly at: number };

/** Where the target stands, for people. `reason` says why nothing moves. */
export interface Standing {
  readonly state:
    | 'empty'
    | 'manual'
    | 'served'
    | 'stale'
    | 'waiting'
    | 'validating'
    | 'building'
    | 'blocked'
    | 'paused';
  readonly reason?: string;
  readonly job_id?: string;
  readonly failed_rules?: readonly string[];
}

export interface Decision {
  readonly actions: readonly Action[];
  readonly standing: Standing;
}

/**
 * What a policy does about one target now. It knows only what it is given and changes nothing: asked again about the
 * same, or after its actions were carried out, it wants nothing twice.
 */
export function decide(given: Situation): Decision {
  const canceled = outdated(given);
  const left = given.jobs.filter((job) => !canceled.includes(job));
  const { actions, standing } = pursue({ ...given, jobs: left });
  return { actions: [...canceled.map(({ id }) => ({ do: 'cancel' as const, job_id: id })), ...actions], standing };
}

/** Automatic jobs that wait in the queue for what nobody wants any more: a newer version, or no policy that is on. */
function outdated({ jobs, wanted, rule, ruledElsewhere, target }: Situation): OpenJob[] {
  return jobs.filter((job) => {
    if (!job.queued || job.policy === null) return false;
    if (job.kind === 'ingest' && job.target !== target) return false;
    // A validation is for all targets.
    const isWanted = rule !== undefined || (ruledElsewhere && job.kind === 'validate');
    return !isWanted || job.version !== wanted?.version;
  });
}

function pursue(given: Situation): Decision {
  const { wanted, served, rule, paused, standby } = given;
  if (!wanted) return stand('empty', 'nothing is committed');
  if (isSame(served, wanted)) return keep(given);
  if (!rule) return stand(served ? 'stale' : 'manual', 'no policy is on');
  if (paused !== undefined) return stand('paused', paused);
  if (isRefused(given)) return withLag(given, refused(given));
  if (standby !== undefined) return { actions: [{ do: 'serve', index: standby }], standing: { state: 'served' } };
  return withLag(given, approach(given, rule));
}

/** Steps towards an index of what is wanted. */
function approach(given: Situation, rule: Rule): Decision {
  const { wanted, served, jobs, target, now, tried } = given;
  if (!wanted) return stand('empty');
  const builder = jobs.find((job) => job.kind === 'ingest' && job.target === target);
  if (builder?.version === wanted.version) return stand('building', undefined, builder.id);
  if (builder) return stand('waiting', 'another version is being ingested', builder.id);
  if (rule.name === 'lazy' && !isNeeded(given, rule.params.max_staleness)) {
    return stand(served ? 'stale' : 'waiting', 'nobody needed it since');
  }
  if (rule.name === 'busy-beaver') {
    const at = wanted.changed + rule.params.debounce_ms;
    if (at > now) return { actions: [{ do: 'later', at }], standing: { state: 'waiting', reason: 'debounced' } };
  }
  if (rule.name !== 'lazy' && !given.validation) {
    const validator = jobs.find((job) => job.kind === 'validate' && job.version === wanted.version);
    if (validator) return stand('validating', undefined, validator.id);
    if (!tried.validate) return { actions: [{ do: 'validate' }], standing: { state: 'validating' } };
    if (!warnsOnly(rule)) return stand('blocked', `the validation ${how(tried.validate)}`, tried.validate.id);
  }
  // Something else is served since, or what it made was lost.
  if (tried.ingest?.state === 'succeeded' && (!served || served.since > tried.ingest.at)) {
    return { actions: [{ do: 'renew' }], standing: { state: 'stale' } };
  }
  if (tried.ingest) return stand('blocked', `the ingest ${how(tried.ingest)}`, tried.ingest.id);
  if (rule.name === 'busy-beaver' && parallel(given) >= rule.params.max_parallel) {
    return stand('waiting', 'other targets of this dataset are being ingested');
  }
  return { actions: [{ do: 'ingest' }], standing: { state: 'building' } };
}

/** What there is to do about an index that is what is wanted. */
function keep({ rule, paused, served, readAt, now, jobs, target }: Situation): Decision {
  const evictAfter = rule?.name === 'lazy' && paused === undefined ? rule.params.evict_after : null;
  if (evictAfter === null || !served) return stand('served');
  const at = Math.max(readAt ?? 0, served.since) + evictAfter * 1000;
  const busy = jobs.some((job) => job.kind === 'ingest' && job.target === target);
  if (at > now || busy) return { actions: at > now ? [{ do: 'later', at }] : [], standing: { state: 'served' } };
  return { actions: [{ do: 'evict' }], standing: { state: 'waiting', reason: 'evicted: nobody needed it' } };
}

/** Adds the alert of a hot index that stays behind for too long. */
function withLag({ rule, wanted, now, lagTold }: Situation, decision: Decision): Decision {
  const limit = rule?.name === 'hot-index' ? rule.params.max_lag_s : null;
  if (limit === null || !wanted || lagTold) return decision;
  const at = wanted.since + limit * 1000;
  const action: Action = at > now ? { do: 'later', at } : { do: 'tell lag', lag_s: (now - wanted.since) / 1000 };
  return { ...decision, actions: [...decision.actions, action] };
}

function isRefused({ validation, rule }: Situation): boolean {
  return validation?.passed === false && rule !== undefined && !warnsOnly(rule);
}

function refused({ validation }: Situation): Decision {
  const { job_id = '', failed_rules = [] } = validation ?? {};
  return { actions: [], standing: { state: 'blocked', reason: 'validation', job_id, failed_rules } };
}

function warnsOnly(rule: Rule): boolean {
  return rule.name === 'busy-beaver' && rule.params.on_validation_fail === 'warn';
}

function isNeeded({ reading, served, wanted, now }: Situation, maxStaleness: number | null): boolean {
  if (!reading || !wanted) return false;
  return !served || maxStaleness === null || now - wanted.since > maxStaleness * 1000;
}

function parallel({ jobs, target }: Situation): number {
  return jobs.filter((job) => job.kind === 'ingest' && job.policy !== null && job.target !== target).length;
}

function how({ state }: Ended): string {
  if (state === 'canceled') return 'was canceled';
  if (state === 'timed_out') return 'ran out of time';
  return state === 'succeeded' ? 'ended, and something else is served' : state;
}

export function isSame(one: Content | undefined, other: Content | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.version === other.version &&
    one.manifest_id === other.manifest_id &&
    one.mapping_hash === other.mapping_hash
  );
}

function stand(state: Standing['state'], reason?: string, jobId?: string): Decision {
  return {
    actions: [],
    standing: { state, ...(reason !== undefined && { reason }), ...(jobId !== undefined && { job_id: jobId }) },
  };
}
