import { expect, test } from 'vitest';
import { terminalStates } from '../../core/jobs/job.ts';
import { statesOf, statusOf } from './contract.ts';
import { fingerprintOf, shownEnv } from './fingerprint.ts';

const spec = {
  image: 'busybox',
  commands: ['true'],
  env: { LEVEL: 'info', API_TOKEN: 'hunter22' },
  artifacts: ['out'],
  timeout: 300,
  resources: { memory_mb: 256, cpus: 1, pids: 128, work_mb: 128 },
  network: 'none' as const,
  input_files: [],
  keep: { output_kb: 64, artifact_mb: 512, artifact_files: 1000 },
};

test('every state has a word of OrcaOps, and every word its states', () => {
  expect(statusOf).toEqual({
    queued: 'queued',
    waiting: 'queued',
    running: 'running',
    succeeded: 'success',
    failed: 'failed',
    canceled: 'cancelled',
    timed_out: 'timed_out',
  });
  for (const state of terminalStates) expect(statesOf.get(statusOf[state])).toEqual([state]);
  expect(statesOf.get('queued')).toEqual(['queued', 'waiting']);
});

test('a fingerprint tells work from work, not what it may use, and nothing of a secret', () => {
  const same = fingerprintOf(spec);
  expect(fingerprintOf({ ...spec, timeout: 10, network: 'internal', env: { ...spec.env, API_TOKEN: 'other' } })).toBe(
    same,
  );
  expect(fingerprintOf({ ...spec, commands: ['true', 'true'] })).not.toBe(same);
  expect(fingerprintOf({ ...spec, env: { ...spec.env, LEVEL: 'debug' } })).not.toBe(same);
});

test('variables show no value whose name says that it is a secret, but the names of secrets', () => {
  expect(shownEnv({ A: 'x', DB_PASSWORD: 'y', apiKey: 'z', SECRET: 'secret:crm-key' })).toEqual({
    A: 'x',
    DB_PASSWORD: '[redacted]',
    apiKey: '[redacted]',
    SECRET: 'secret:crm-key',
  });
});
