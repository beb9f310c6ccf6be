import type { OpenJob, Situation } from './decide.ts';
import { ruleOf } from './known.ts';

export const rule = (name: string, params: object = {}) => ruleOf({ name, params });
export const content = (version: string) => ({ version, manifest_id: `sha256:${version}`, mapping_hash: 'm' });
export const now = 1_000_000;

export const situation = (more: Partial<Situation> = {}): Situation => ({
  now,
  target: 'lance',
  rule: undefined,
  ruledElsewhere: false,
  paused: undefined,
  wanted: { ...content('v2'), since: now - 60_000, changed: now - 60_000 },
  served: { ...content('v1'), since: now - 100_000 },
  standby: undefined,
  jobs: [],
  tried: {},
  validation: { passed: true, job_id: 'job_v', failed_rules: [] },
  reading: false,
  readAt: undefined,
  lagTold: false,
  ...more,
});
export const job = (more: Partial<OpenJob> = {}): OpenJob => ({
  id: 'job_1',
  kind: 'ingest',
  target: 'lance',
  version: 'v2',
  queued: true,
  policy: 'hot-index',
  ...more,
});
