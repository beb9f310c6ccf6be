import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { createS3Client, type S3Settings } from '../../src/core/objects/s3-client.ts';

/** The S3 service of the tests: `http://<access key>:<secret key>@host:port` in TEST_S3_URL, as `.ci/s3 start` prints it. */
export function s3Service(): Omit<S3Settings, 'bucket'> & { readonly endpoint: string } {
  const text = process.env.TEST_S3_URL;
  if (!text) throw new Error('Set TEST_S3_URL to what `.ci/s3 start` prints.');
  const { origin, username: accessKeyId, password: secretAccessKey } = new URL(text);
  const credentials = { accessKeyId, secretAccessKey };
  return { endpoint: origin, region: 'us-east-1', prefix: '', pathStyle: true, credentials };
}

/** A fresh bucket of this test's own. The service is thrown away with all of them. */
export async function createBucket(): Promise<S3Settings & { readonly endpoint: string }> {
  const settings = { ...s3Service(), bucket: `test-${randomBytes(6).toString('hex')}` };
  const client = createS3Client(settings);
  await client.send(new CreateBucketCommand({ Bucket: settings.bucket }));
  client.destroy();
  return settings;
}

/** The flags of a server that has its objects there; its keys are in files of a directory. */
export function s3Flags(of: Awaited<ReturnType<typeof createBucket>>, directory: string): string[] {
  const file = (name: string, text = '') => {
    writeFileSync(path.join(directory, name), text, { mode: 0o600 });
    return `file:${path.join(directory, name)}`;
  };
  return [
    ...['--objects-s3-bucket', of.bucket, '--objects-s3-endpoint', of.endpoint],
    ...['--objects-s3-access-key', file('access-key', of.credentials?.accessKeyId)],
    ...['--objects-s3-secret-key', file('secret-key', of.credentials?.secretAccessKey)],
  ];
}
