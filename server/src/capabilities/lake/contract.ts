import { z } from 'zod';

/** A dataset as every surface shows it. States and policies are open: new ones may come. */
export const datasetSchema = z.looseObject({
  id: z.string().describe('Id of the dataset, such as ds_01j….'),
  name: z.string().describe('Its unique name.'),
  version: z.string().optional().describe('The version committed last; absent before the first commit.'),
  uri: z.string().describe('tutti://<name> for a managed dataset, file:///… or s3://… for one that is read in place.'),
  bytes: z.number().optional().describe('Bytes of all objects of that version.'),
  created_at: z.string().describe('ISO 8601 UTC.'),
  updated_at: z.string().describe('ISO 8601 UTC.'),
  state: z
    .string()
    .describe('registered, staged, validating, validated, ingesting, ingested or failed; more may come.'),
  tags: z.array(z.string()).describe('Tags.'),
  labels: z.record(z.string(), z.string()).describe('Labels.'),
  policies: z
    .array(
      z.looseObject({
        name: z.string().describe('Name of the policy.'),
        enabled: z.boolean().describe('Whether it is on.'),
        params: z.record(z.string(), z.unknown()).describe('Its parameters.'),
      }),
    )
    .describe('Policies set on it.'),
  targets: z
    .array(
      z.looseObject({
        target: z.string().describe('Where it was ingested to, or is to be, such as lance.'),
        state: z
          .string()
          .describe('manual, served, stale, waiting, validating, building, blocked or paused; more may come.'),
        wanted_version: z.string().optional().describe('The version to serve.'),
        served_version: z.string().optional().describe('The version that searches answer from.'),
        staged_version: z.string().optional().describe('The version that is being built beside it.'),
        reason: z.string().optional().describe('Why nothing moves.'),
        job_id: z.string().optional().describe('The job that it waits for, or that stopped it.'),
        failed_rules: z.array(z.string()).optional().describe('Rules that stopped it.'),
      }),
    )
    .optional()
    .describe('Its indexes: which version each is to serve, and which it serves.'),
  metadata: z.record(z.string(), z.unknown()).describe('What its owners keep with it.'),
});

export type Dataset = z.output<typeof datasetSchema>;

/** An object of a version, pinned by its hash. */
export interface ManifestObject {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  readonly content_type: string;
  readonly last_modified: string;
}

export const datasetId = z
  .string()
  .min(1)
  .max(100)
  .describe('Id of the dataset, from register_dataset or list_datasets.');

export const datasetName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, dot, dash and underscore; 1 to 128');

export const versionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, 'letters, digits and . _ + -, 1 to 100')
  .describe('Name of the version, from list_versions.');

export const objectKey = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    isObjectKey,
    'must be a relative path such as raw/cars.csv of at most 1,024 bytes: no leading slash, no empty, . or .. segment, no backslash, no control character',
  )
  .describe('Name of the object in the dataset, such as raw/cars.csv.');

export const contentType = z
  .string()
  .regex(/^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+(; ?[a-z0-9-]+=[A-Za-z0-9._-]+)*$/i, 'a media type such as text/csv')
  .max(200)
  .describe('Media type of the object; by default the usual one for its ending.');

/** Keys look like relative paths, but never become one: the file system knows objects by their hash only. */
export function isObjectKey(key: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f\\]/.test(key) || Buffer.byteLength(key) > 1024 || !key.isWellFormed()) return false;
  return key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

export const tags = z.array(z.string().min(1).max(100)).max(100).describe('Words to find it by.');
export const labels = z
  .record(z.string().min(1).max(100), z.string().max(1000))
  .refine((value) => Object.keys(value).length <= 100, 'at most 100 labels')
  .describe('Names with values to find it by.');
export const metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= 65_536, 'at most 64 KiB as JSON')
  .describe('Anything else to keep with it, at most 64 KiB as JSON.');
