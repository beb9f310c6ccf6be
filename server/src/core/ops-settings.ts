import { z } from 'zod';
import { count, list, namedNetworks } from './setting-types.ts';

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
  'ops.templates_dir': z
    .string()
    .min(1)
    .optional()
    .describe('Directory of templates for sandboxes: in each folder a template.yml and a compose.yml.'),
  'ops.max_sandbox_ttl_s': count(60, 31_536_000)
    .default(604_800)
    .describe('Seconds after which a sandbox is deleted with its volumes; callers may ask for less.'),
  'ops.sandbox_idle_s': count(60, 31_536_000)
    .default(3600)
    .describe('Seconds without a call for it after which a sandbox is stopped, unless its maker said otherwise.'),
};
