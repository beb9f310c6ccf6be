import type { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { askS3, createS3Client, type SourceSettings, saysS3 } from './s3-client.ts';

/** Buckets of somebody else's, which are only read. */
export interface S3Source {
  /** All objects whose keys begin with a prefix. */
  list(bucket: string, prefix: string): AsyncGenerator<{ readonly key: string; readonly size: number }>;
  /** One object, all of it of one moment; undefined when there is none. */
  get(
    bucket: string,
    key: string,
  ): Promise<{ readonly body: Readable; readonly size: number; readonly lastModified: Date } | undefined>;
}

/** Load this module only where there are s3:// roots: the SDK is large. */
export function createS3Source(settings: SourceSettings): S3Source {
  const client = createS3Client(settings);
  return {
    async *list(Bucket, Prefix) {
      for (let ContinuationToken: string | undefined; ; ) {
        const command = new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken });
        const { Contents = [], IsTruncated, NextContinuationToken } = await askS3(() => client.send(command));
        for (const { Key = '', Size = 0 } of Contents) yield { key: Key, size: Size };
        if (!IsTruncated || NextContinuationToken === undefined) return;
        ContinuationToken = NextContinuationToken;
      }
    },
    get: (Bucket, Key) =>
      askS3(async () => {
        try {
          const { Body, ContentLength, LastModified } = await client.send(new GetObjectCommand({ Bucket, Key }));
          return { body: Body as Readable, size: ContentLength ?? 0, lastModified: LastModified ?? new Date() };
        } catch (error) {
          if (saysS3(error, 404)) return undefined;
          throw error;
        }
      }),
  };
}
