import type { Run } from '../contract.ts';

/** A run as the examples of the tools show it. */
export const exampleRun = {
  success: true,
  job_id: 'count-lines-1',
  system_job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5c',
  status: 'success',
  created_at: '2026-11-20T09:30:00.000Z',
  started_at: '2026-11-20T09:30:00.061Z',
  finished_at: '2026-11-20T09:30:00.347Z',
  sandbox_id: 'f0e1d2c3b4a5',
  image_ref: 'python:3.12-slim',
  steps: [
    {
      command: 'wc -l data/in.csv | tee out.txt',
      exit_code: 0,
      stdout: '407 data/in.csv\n',
      stderr: '',
      duration_seconds: 0.01,
      timestamp: '2026-11-20T09:30:00.212Z',
      untrusted: true,
    },
  ],
  artifacts: [
    {
      name: 'out.txt',
      path: '/work/out.txt',
      size_bytes: 16,
      sha256: '6f0c4d1f0a5b0d8a0f8f7e0b9c3a2d1e4f5a6b7c8d9e0f1a2b3c4d5e6f708192',
    },
  ],
  cleanup_status: 'destroyed',
  ttl_expiry: '2026-11-20T10:35:00.061Z',
  fingerprint: 'c0ffee1f0a5b0d8a0f8f7e0b9c3a2d1e4f5a6b7c8d9e0f1a2b3c4d5e6f708192',
  triggered_by: 'mcp',
  intent: 'Count the rows before the import',
  tags: ['import'],
  metadata: {},
  resource_usage: { cpu_seconds: 0.02, memory_peak_mb: 3.1 },
  environment: {
    engine: 'local',
    network: 'none',
    env_vars: {},
    resource_limits: { timeout_seconds: 300, memory_mb: 256, cpus: 1, pids: 128, work_mb: 128 },
    image_digest: 'sha256:2b7412e6465c3c7fc5bb21d3e6f1917c167358449fecac8176c6e496e5c1f05f',
    docker_version: '28.2.2',
  },
} satisfies Run;

const { success, job_id, system_job_id, status, finished_at, steps, artifacts } = exampleRun;
export const exampleAnswer = { success, job_id, system_job_id, status, finished_at, steps, artifacts };

export const exampleInput = {
  image: 'python:3.12-slim',
  commands: ['wc -l data/in.csv | tee out.txt'],
  artifacts: ['out.txt'],
  job_id: 'count-lines-1',
  input_files: [{ path: 'data/in.csv', dataset_id: 'ds_01kc5atq4q', object_key: 'raw/cars.csv' }],
  intent: 'Count the rows before the import',
  tags: ['import'],
};
