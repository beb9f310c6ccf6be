import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import type { Logger } from '../log.ts';
import { SettingsError } from '../settings.ts';
import { createS3Client, type S3Settings, saysS3 } from './s3-client.ts';

/**
 * Asks the store whether it can be used, before anything relies on it. Throws SettingsError, a sentence for the operator,
 * when it cannot be reached or refuses; and, where several servers or writers of indexes would share it, when of eight writers of
 * one new key not exactly one wins. For one server that is a warning: it writes each key by itself.
 */
export async function checkS3(settings: S3Settings, shared: boolean, log: Logger): Promise<void> {
  const client = createS3Client(settings);
  const { bucket: Bucket, prefix } = settings;
  const Key = `${prefix}check/${randomUUID()}`;
  try {
    await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 }));
    const write = () => client.send(new PutObjectCommand({ Bucket, Key, Body: 'check', IfNoneMatch: '*' }));
    const writers = await Promise.allSettled(Array.from({ length: 8 }, write));
    const lost = writers.flatMap((writer) => (writer.status === 'rejected' ? [writer.reason as unknown] : []));
    const other = lost.find((error) => !saysS3(error, 412, 409));
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    if (other !== undefined) throw other;
    if (lost.length === writers.length - 1) return;
    const sentence = `The store of objects.s3_bucket let ${writers.length - lost.length} of ${writers.length} writers create the same key: it has no conditional writes (If-None-Match).`;
    if (shared) throw new SettingsError(`${sentence} Several servers need a store that has them.`);
    log.warn(`${sentence} Do not let several servers share it.`);
  } catch (error) {
    throw error instanceof SettingsError ? error : new SettingsError(sentenceFor(error, settings));
  } finally {
    client.destroy();
  }
}

/** What is wrong, and the setting with which to put it right. */
function sentenceFor(error: unknown, { bucket, endpoint, region }: S3Settings): string {
  const where = endpoint ?? 'AWS';
  if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode === undefined) {
    const name = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    if (name === 'CredentialsProviderError') {
      return 'There are no keys for objects.s3_bucket: set objects.s3_access_key and objects.s3_secret_key (env:… or file:…), or those of the AWS environment.';
    }
    return `The object store ${where} cannot be reached (${name}): check objects.s3_endpoint, and that the store runs.`;
  }
  const { name } = error;
  // AWS names the region that it expects in the answer; others use the same codes.
  const expected = (error as { Region?: string }).Region ?? error.$response?.headers['x-amz-bucket-region'];
  if (['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'].includes(name)) {
    const right = expected ? `; it is in ${expected}` : '';
    return `The bucket ${bucket} is not in region ${region}${right}: correct objects.s3_region.`;
  }
  if (name === 'NoSuchBucket' || error.$metadata.httpStatusCode === 404) {
    return `There is no bucket ${bucket} at ${where}: make it, or correct objects.s3_bucket; some stores need objects.s3_path_style as well.`;
  }
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken'].includes(name)) {
    return `The object store ${where} does not know these keys (${name}): correct objects.s3_access_key and objects.s3_secret_key.`;
  }
  if (error.$metadata.httpStatusCode === 403) {
    return `These keys may not list, write and delete in bucket ${bucket} (${name}): grant it to them, or correct objects.s3_access_key.`;
  }
  return `The object store ${where} refused a request (${name}): check the settings objects.s3_….`;
}
