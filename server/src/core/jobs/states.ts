import type { JobState } from './job.ts';

/**
 * The engine's states that overrule a job's own. A handler always ends its job itself, in its last step; what the engine
 * ends without it (given up after too many recoveries, canceled or broken beneath the handler) shows here.
 */
export const engineStates: Readonly<Record<string, JobState>> = {
  ERROR: 'failed',
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: 'failed',
  CANCELLED: 'canceled',
};
