import path from 'node:path';
import type { Keys } from '../keys.ts';
import type { Logger } from '../log.ts';
import { conceal } from '../redact.ts';
import { readReference } from '../secrets.ts';
import { type Settings, SettingsError } from '../settings.ts';
import { createDiskObjects, type DiskObjects } from './disk.ts';
import type { S3Objects } from './s3.ts';
import type { S3Settings, SourceSettings } from './s3-client.ts';

export interface ObjectNeeds {
  readonly settings: Settings;
  readonly keys: Keys;
  readonly log: Logger;
  /** The URL by which callers reach this process; asked late, for the port may be known only after listening. */
  readonly baseUrl: () => string;
}

/** The objects of this server, in the bucket of the settings or else on disk. Throws SettingsError when the bucket cannot be used. */
export async function openObjects({ settings, keys, log, baseUrl }: ObjectNeeds): Promise<DiskObjects | S3Objects> {
  if (settings['objects.s3_bucket'] !== undefined) return openBucket(settings, log);
  const directory = path.join(settings.data_dir, 'objects');
  return createDiskObjects({ directory, keys, maxBytes: settings['objects.max_bytes'], baseUrl });
}

/** The objects in the bucket of the settings, once that is found to be usable. */
export async function openBucket(settings: Settings, log: Logger): Promise<S3Objects> {
  const s3 = await s3Settings(settings);
  if (!s3) throw new SettingsError('Setting objects.s3_bucket: there is none.');
  // Loaded only here: the SDK takes megabytes that a server with objects on disk does not need.
  const [{ createS3Objects }, { checkS3 }] = await Promise.all([import('./s3.ts'), import('./s3-check.ts')]);
  const shared = settings.database_url !== undefined || settings['lake.indexes'] === 's3';
  await checkS3(s3, shared, log);
  return createS3Objects({
    ...s3,
    maxBytes: settings['objects.max_bytes'],
    cache: { directory: path.join(settings.data_dir, 'object-cache'), maxBytes: settings['objects.cache_bytes'] },
  });
}

/** Where objects are that are not below the data directory. */
export function objectsUri(settings: Settings): string | undefined {
  const bucket = settings['objects.s3_bucket'];
  return bucket === undefined ? undefined : `s3://${bucket}/${settings['objects.s3_prefix']}`;
}

/** Undefined when objects are on disk. */
export async function s3Settings(settings: Settings): Promise<S3Settings | undefined> {
  const bucket = settings['objects.s3_bucket'];
  if (bucket === undefined) return undefined;
  const endpoint = settings['objects.s3_endpoint'];
  const accessKeyId = await secret(settings, 'objects.s3_access_key');
  const secretAccessKey = await secret(settings, 'objects.s3_secret_key');
  return {
    bucket,
    endpoint,
    region: settings['objects.s3_region'],
    prefix: settings['objects.s3_prefix'],
    pathStyle: settings['objects.s3_path_style'] ?? endpoint !== undefined,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
  };
}

/** How the buckets of s3:// roots are read. Throws SettingsError when there is nothing at a reference. */
export async function sourceSettings(settings: Settings): Promise<SourceSettings> {
  const endpoint = settings['lake.s3_endpoint'];
  const accessKeyId = await secret(settings, 'lake.s3_access_key');
  const secretAccessKey = await secret(settings, 'lake.s3_secret_key');
  return {
    endpoint,
    region: settings['lake.s3_region'],
    pathStyle: settings['lake.s3_path_style'] ?? endpoint !== undefined,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
  };
}

async function secret(
  settings: Settings,
  name: 'objects.s3_access_key' | 'objects.s3_secret_key' | 'lake.s3_access_key' | 'lake.s3_secret_key',
): Promise<string | undefined> {
  const reference = settings[name];
  if (reference === undefined) return undefined;
  const value = await readReference(reference);
  if (!value) throw new SettingsError(`Setting ${name}: there is nothing at ${reference}.`);
  conceal(value);
  return value;
}
