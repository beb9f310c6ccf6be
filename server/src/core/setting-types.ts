import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { toolsets } from './tool.ts';

/** Words with commas between them, or a list of the file. */
export const list = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(z.string().min(1)),
);
export const flag = z.preprocess(
  (value) => (value === 'true' || value === '1' ? true : value === 'false' ? false : value),
  z.boolean(),
);
export const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
/** Toolsets with commas between them, or a list of the file. */
export const namedToolsets = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(z.enum(toolsets, `must be some of ${toolsets.join(', ')}`)).min(1),
);
/** Networks that the operator lets jobs have. */
export const namedNetworks = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(z.enum(['none', 'internal', 'egress'])),
);

/** Where a secret stands, never the secret. */
export const reference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+)$/, 'must be env:VARIABLE or file:/path, never the value');
/** Objects, which only `tutti.yaml` writes well; a flag or variable gives them as JSON. */
const fromJson = (value: unknown) => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};
const plainName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be a short name such as main');
/** An endpoint of the OpenAI embeddings API. */
export const embedder = z.strictObject({
  name: plainName,
  url: z
    .url({ protocol: /^https?$/ })
    .refine((text) => URL.canParse(text) && !new URL(text).username && !new URL(text).password, {
      error: 'must hold no user or password: name the key by api_key',
    }),
  model: z.string().min(1).max(200),
  dimensions: z.number().int().min(1).max(8192),
  api_key: reference.optional(),
  batch_size: z.number().int().min(1).max(2048).default(64),
  max_chars: z.number().int().min(1).max(1_000_000).default(8000),
});
/** A database that rows may be ingested into. */
export const postgresTarget = z.strictObject({ name: plainName, url: reference });
const instanceUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => URL.canParse(text) && !new URL(text).username && !new URL(text).password, {
    error: 'must hold no user or password: name the key by api_key',
  });
/** A Weaviate instance: where its REST and its gRPC API are. */
export const weaviateInstance = z.strictObject({
  name: plainName,
  url: instanceUrl,
  grpc_url: instanceUrl,
  api_key: reference.optional(),
});
/** A registry of container images that wants credentials. */
export const imageRegistry = z.strictObject({
  name: z
    .string()
    .max(253)
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$/,
      'must be a host such as ghcr.io or registry.example.com:5000',
    ),
  username: z.string().min(1).max(200),
  password: reference,
});
/** What the operator declares and callers name. */
export const namedList = <T extends z.ZodType<{ readonly name: string }>>(item: T) =>
  z.preprocess(
    fromJson,
    z
      .array(item)
      .max(50)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must have names that differ'),
  );
/** The most that certain callers may have of container jobs. One that names nobody holds for all. */
const jobCeiling = z.strictObject({
  principals: z.array(z.string().min(1).max(200)).min(1).optional(),
  scopes: z.array(z.string().min(1).max(100)).min(1).optional(),
  timeout_s: z.number().int().min(1).max(604_800).optional(),
  memory_mb: z.number().int().min(16).max(1_048_576).optional(),
  work_mb: z.number().int().min(1).max(1_048_576).optional(),
  cpus: z.number().min(0.1).max(1024).optional(),
  pids: z.number().int().min(8).max(100_000).optional(),
  jobs: z.number().int().min(0).max(100_000).optional(),
  output_kb: z.number().int().min(1).max(1024).optional(),
  artifact_mb: z.number().int().min(1).max(1_048_576).optional(),
  artifact_files: z.number().int().min(1).max(20_000).optional(),
  sandboxes: z.number().int().min(0).max(10_000).optional(),
  sandbox_memory_mb: z.number().int().min(16).max(16_777_216).optional(),
  sandbox_cpus: z.number().min(0.1).max(16_384).optional(),
  sandbox_pids: z.number().int().min(8).max(1_000_000).optional(),
  sandbox_ttl_s: z.number().int().min(60).max(31_536_000).optional(),
  sandbox_disk_mb: z.number().int().min(16).max(16_777_216).optional(),
  networks: z.array(z.enum(['none', 'internal', 'egress'])).optional(),
  images: z.array(z.string().min(1).max(512)).optional(),
});
export const jobCeilings = z.preprocess(fromJson, z.array(jobCeiling).max(100));

/** Headers whose values stand elsewhere. */
export const headerReferences = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(z.string().regex(/^[\w-]+=(env|file):.+$/, 'must be name=env:VARIABLE or name=file:/path, never a value')),
);
/** Waits in seconds, each up to a week. */
export const seconds = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(z.coerce.number().min(0).max(604_800)).max(50),
);

/** Addresses and ranges of them. */
export const ranges = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(
    z
      .string()
      .refine((text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text), 'must be addresses or ranges: 10.0.0.0/8'),
  ),
);
