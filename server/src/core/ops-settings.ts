import { z } from 'zod';
import { count, flag, imageRegistry, jobCeilings, list, namedList, namedNetworks } from './setting-types.ts';

/** The settings of the capability `ops`. */
export const opsSettings = {
  'ops.docker_host': z
    .string()
    .regex(/^(unix:\/\/\/.+|npipe:\/\/.+|tcp:\/\/[^/@]+:\d+)$/, 'must be unix:///path, npipe://path or tcp://host:port')
    .optional()
    .describe('Docker engine of this process: unix:///var/run/docker.sock. By default the socket of the platform.'),
  'ops.engine_name': z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'letters, digits and dashes, at most 40')
    .default('local')
    .describe('Name of that engine among those of all processes on the database; each has one of its own.'),
  'ops.engine_labels': list
    .default([])
    .describe('Words for what that engine has, such as gpu or arm64, by which callers choose.'),
  'ops.capacity': count(0, 256)
    .default(8)
    .describe('Container jobs at once on that engine; 0 leaves its jobs to other processes.'),
  'ops.present_images': flag
    .default(true)
    .describe('Whether images that are on the engine may be run although ops.pull_images does not list them.'),
  'ops.pull_images': list
    .default([])
    .describe('Images that may be pulled, as patterns: python:3.*, ghcr.io/acme/**, host:5000/team/tool@sha256:…'),
  'ops.pull_policy': z
    .enum(['missing', 'always', 'never'])
    .default('missing')
    .describe('When listed images are pulled: missing (a job may say otherwise), always, never.'),
  'ops.registries': namedList(imageRegistry)
    .default([])
    .describe('Registries that want credentials: name (host:port), username, password as env:VARIABLE or file:/path.'),
  'ops.pool_size': count(0, 64)
    .default(2)
    .describe('Containers kept ready for each image and size of job that was used lately; 0 keeps none.'),
  'ops.pool_max': count(0, 256).default(8).describe('Containers kept ready in all on that engine.'),
  'ops.pool_memory_mb': count(0, 1_048_576)
    .default(2048)
    .describe('How much memory the containers that are kept ready may take at most if all were used, in MiB.'),
  'ops.pool_idle_s': count(1, 86_400)
    .default(600)
    .describe('Seconds after which a container that nobody took is removed.'),
  'ops.networks': namedNetworks
    .default(['none', 'internal'])
    .describe('Networks that jobs may ask for: none, internal (reaches nothing), egress (reaches all).'),
  'ops.max_timeout_s': count(1, 7 * 86_400)
    .default(21_600)
    .describe('Longest time that a job may ask for, in seconds.'),
  'ops.max_memory_mb': count(16, 1_048_576)
    .default(2048)
    .describe('Most memory that a job may ask for, its files included, in MiB.'),
  'ops.max_work_mb': count(1, 1_048_576).default(1024).describe('Most room for files that a job may ask for, in MiB.'),
  'ops.max_cpus': z.coerce.number().min(0.1).max(1024).default(2).describe('Most processors that a job may ask for.'),
  'ops.max_pids': count(8, 100_000).default(1024).describe('Most processes that a job may ask for.'),
  'ops.max_jobs': count(1, 100_000)
    .default(100)
    .describe('Most jobs that a caller may have queued or running at once.'),
  'ops.max_output_kb': count(1, 1024)
    .default(64)
    .describe('How much is kept of each stream of each command, half of it from the end, in KiB.'),
  'ops.max_artifact_mb': count(1, 1_048_576)
    .default(512)
    .describe('Most bytes of artifacts that a job may leave, in MiB.'),
  'ops.max_artifact_files': count(1, 20_000).default(1000).describe('Most artifacts that a job may leave.'),
  'ops.ceilings': jobCeilings
    .default([])
    .describe(
      'Other limits for some: principals or scopes, then timeout_s, memory_mb, work_mb, cpus, pids, jobs, output_kb, artifact_mb, artifact_files, networks, images (patterns), sandboxes, sandbox_memory_mb, sandbox_cpus, sandbox_pids, sandbox_ttl_s, sandbox_disk_mb. For each the first entry that holds and names it decides, else ops.max_….',
    ),
  'ops.foreign_containers': z
    .enum(['none', 'list', 'read'])
    .default('none')
    .describe(
      'What callers see of containers that this server did not make: none, list (names and states), read (logs too).',
    ),
  'ops.templates_dir': z
    .string()
    .min(1)
    .optional()
    .describe('Directory of templates for sandboxes: in each folder a template.yml and a compose.yml.'),
  'ops.max_sandboxes': count(0, 10_000).default(10).describe('Most sandboxes that a caller may have at once.'),
  'ops.max_sandbox_memory_mb': count(16, 16_777_216)
    .default(8192)
    .describe('Most memory that all services of a caller’s running sandboxes may have together, in MiB.'),
  'ops.max_sandbox_cpus': z.coerce
    .number()
    .min(0.1)
    .max(16_384)
    .default(16)
    .describe('Most processors that all services of a caller’s running sandboxes may have together.'),
  'ops.max_sandbox_pids': count(8, 1_000_000)
    .default(8192)
    .describe('Most processes that all services of a caller’s running sandboxes may have together.'),
  'ops.max_sandbox_disk_mb': count(16, 16_777_216)
    .default(4096)
    .describe('Most that a sandbox may write to its volumes and containers, in MiB; one that has more is stopped.'),
  'ops.max_sandboxes_disk_mb': count(16, 16_777_216)
    .default(32_768)
    .describe(
      'Most that all sandboxes of an engine may hold together, in MiB; beyond it the largest is stopped and none starts.',
    ),
  'ops.max_sandbox_ttl_s': count(60, 31_536_000)
    .default(604_800)
    .describe('Seconds after which a sandbox is deleted with its volumes; callers may ask for less.'),
  'ops.sandbox_idle_s': count(60, 31_536_000)
    .default(3600)
    .describe('Seconds without a call for it after which a sandbox is stopped, unless its maker said otherwise.'),
};
