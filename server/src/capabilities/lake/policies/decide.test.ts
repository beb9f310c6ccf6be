import { expect, test } from 'vitest';
import { type Action, decide, type Situation } from './decide.ts';
import { content, job, now, rule, situation } from './decide-fixtures.ts';

const lazy = rule('lazy');
const beaver = rule('busy-beaver');
const hot = rule('hot-index');
const bad = { passed: false, job_id: 'job_v', failed_rules: ['price'] };
const failedValidation = { state: 'blocked', reason: 'validation', job_id: 'job_v', failed_rules: ['price'] };

type Case = [name: string, given: Partial<Situation>, actions: readonly Action[], standing: object];
const cases: Case[] = [
  ['nothing committed', { rule: hot, wanted: undefined, served: undefined }, [], { state: 'empty' }],
  ['no policy', {}, [], { state: 'stale' }],
  ['no policy, never ingested', { served: undefined }, [], { state: 'manual' }],
  [
    'a policy of another target: its validation waits, which is for all',
    { ruledElsewhere: true, jobs: [job({ kind: 'validate', target: null })] },
    [],
    { state: 'stale' },
  ],
  [
    'a policy of another target: an ingest of its former one, and a validation of an older version',
    { ruledElsewhere: true, jobs: [job(), job({ id: 'job_2', kind: 'validate', target: null, version: 'v1' })] },
    [
      { do: 'cancel', job_id: 'job_1' },
      { do: 'cancel', job_id: 'job_2' },
    ],
    { state: 'stale' },
  ],
  ['no policy, but a job of one waits', { jobs: [job()] }, [{ do: 'cancel', job_id: 'job_1' }], { state: 'stale' }],
  ['no policy, a job of somebody waits', { jobs: [job({ policy: null })] }, [], { state: 'stale' }],
  ['what is wanted is served', { rule: hot, served: { ...content('v2'), since: 0 } }, [], { state: 'served' }],
  ['paused', { rule: hot, paused: 'revoked' }, [], { state: 'paused', reason: 'revoked' }],
  ['hot: valid', { rule: hot }, [{ do: 'ingest' }], { state: 'building' }],
  ['hot: nothing served', { rule: hot, served: undefined }, [{ do: 'ingest' }], { state: 'building' }],
  [
    'hot: another mapping',
    { rule: hot, served: { ...content('v2'), mapping_hash: 'other', since: 0 } },
    [{ do: 'ingest' }],
    { state: 'building' },
  ],
  ['hot: not validated', { rule: hot, validation: undefined }, [{ do: 'validate' }], { state: 'validating' }],
  [
    'hot: being validated',
    { rule: hot, validation: undefined, jobs: [job({ kind: 'validate', target: null, policy: null })] },
    [],
    { state: 'validating', job_id: 'job_1' },
  ],
  [
    'hot: another version is being validated',
    { rule: hot, validation: undefined, jobs: [job({ kind: 'validate', target: null, version: 'v1', queued: false })] },
    [{ do: 'validate' }],
    { state: 'validating' },
  ],
  ['hot: failed validation', { rule: hot, validation: bad }, [], failedValidation],
  [
    'hot: failed validation, though an index is there',
    { rule: hot, validation: bad, standby: 'i' },
    [],
    failedValidation,
  ],
  [
    'hot: the validation could not run',
    { rule: hot, validation: undefined, tried: { validate: { id: 'job_9', state: 'failed', at: now } } },
    [],
    { state: 'blocked', reason: 'the validation failed', job_id: 'job_9' },
  ],
  ['hot: an index is there', { rule: hot, standby: 'idx_1' }, [{ do: 'serve', index: 'idx_1' }], { state: 'served' }],
  [
    'hot: the ingest failed',
    { rule: hot, tried: { ingest: { id: 'job_8', state: 'failed', at: now } } },
    [],
    { state: 'blocked', reason: 'the ingest failed', job_id: 'job_8' },
  ],
  [
    'hot: somebody served another version after it was done',
    { rule: hot, tried: { ingest: { id: 'job_8', state: 'succeeded', at: now - 200_000 } } },
    [{ do: 'renew' }],
    { state: 'stale' },
  ],
  [
    'hot: it is done, and not served',
    { rule: hot, tried: { ingest: { id: 'job_8', state: 'succeeded', at: now } } },
    [],
    { state: 'blocked', reason: 'the ingest ended, and something else is served', job_id: 'job_8' },
  ],
  [
    'hot: what it had built was lost',
    { rule: hot, served: undefined, tried: { ingest: { id: 'job_8', state: 'succeeded', at: now } } },
    [{ do: 'renew' }],
    { state: 'stale' },
  ],
  ['hot: being built', { rule: hot, jobs: [job()] }, [], { state: 'building', job_id: 'job_1' }],
  [
    'hot: an older version waits',
    { rule: hot, jobs: [job({ version: 'v1' })] },
    [{ do: 'cancel', job_id: 'job_1' }, { do: 'ingest' }],
    { state: 'building' },
  ],
  [
    'hot: an older version runs',
    { rule: hot, jobs: [job({ version: 'v1', queued: false })] },
    [],
    { state: 'waiting', job_id: 'job_1' },
  ],
  [
    'hot: somebody’s own job of an older version waits',
    { rule: hot, jobs: [job({ version: 'v1', policy: null })] },
    [],
    { state: 'waiting', job_id: 'job_1' },
  ],
  [
    'hot: lags',
    { rule: rule('hot-index', { max_lag_s: 60 }), jobs: [job({ queued: false })] },
    [{ do: 'tell lag', lag_s: 60 }],
    { state: 'building' },
  ],
  [
    'hot: will lag',
    { rule: rule('hot-index', { max_lag_s: 90 }), jobs: [job({ queued: false })] },
    [{ do: 'later', at: now + 30_000 }],
    { state: 'building' },
  ],
  [
    'hot: lags because it is blocked',
    { rule: rule('hot-index', { max_lag_s: 1 }), validation: bad },
    [{ do: 'tell lag', lag_s: 60 }],
    failedValidation,
  ],
  [
    'hot: the lag was told',
    { rule: rule('hot-index', { max_lag_s: 1 }), validation: bad, lagTold: true },
    [],
    failedValidation,
  ],
  [
    'beaver: debounced',
    { rule: beaver, wanted: { ...content('v2'), since: 0, changed: now - 500 } },
    [{ do: 'later', at: now + 1500 }],
    { state: 'waiting' },
  ],
  [
    'beaver: warns only',
    { rule: rule('busy-beaver', { on_validation_fail: 'warn' }), validation: bad },
    [{ do: 'ingest' }],
    { state: 'building' },
  ],
  ['beaver: failed validation', { rule: beaver, validation: bad }, [], failedValidation],
  [
    'beaver: another target is being ingested',
    { rule: beaver, jobs: [job({ target: 'postgres', policy: 'busy-beaver' })] },
    [],
    { state: 'waiting' },
  ],
  [
    'beaver: two at once',
    { rule: rule('busy-beaver', { max_parallel: 2 }), jobs: [job({ target: 'postgres', policy: 'busy-beaver' })] },
    [{ do: 'ingest' }],
    { state: 'building' },
  ],
  ['lazy: nobody reads', { rule: lazy, validation: undefined }, [], { state: 'stale' }],
  ['lazy: never read', { rule: lazy, served: undefined }, [], { state: 'waiting' }],
  ['lazy: read', { rule: lazy, reading: true, validation: undefined }, [{ do: 'ingest' }], { state: 'building' }],
  ['lazy: read, failed validation', { rule: lazy, reading: true, validation: bad }, [], failedValidation],
  [
    'lazy: read, not too stale yet',
    { rule: rule('lazy', { max_staleness: 61 }), reading: true },
    [],
    { state: 'stale' },
  ],
  [
    'lazy: read, too stale',
    { rule: rule('lazy', { max_staleness: 59 }), reading: true },
    [{ do: 'ingest' }],
    { state: 'building' },
  ],
  [
    'lazy: used a while ago',
    { rule: rule('lazy', { evict_after: 20 }), served: { ...content('v2'), since: 0 }, readAt: now - 20_000 },
    [{ do: 'evict' }],
    { state: 'waiting' },
  ],
  [
    'lazy: used lately',
    { rule: rule('lazy', { evict_after: 20 }), served: { ...content('v2'), since: 0 }, readAt: now - 5000 },
    [{ do: 'later', at: now + 15_000 }],
    { state: 'served' },
  ],
  [
    'lazy: a new index that nobody used',
    { rule: rule('lazy', { evict_after: 20 }), served: { ...content('v2'), since: now - 1000 } },
    [{ do: 'later', at: now + 19_000 }],
    { state: 'served' },
  ],
];

test.each(cases)('%s', (_name, given, actions, standing) => {
  const decision = decide(situation(given));
  expect(decision.actions).toEqual(actions);
  expect(decision.standing).toMatchObject(standing);
});
