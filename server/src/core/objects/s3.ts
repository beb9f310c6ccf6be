import path from 'node:path';
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { AppError } from '../errors.ts';
import { createCache } from './cache.ts';
import { bytesGone, stagedGone } from './failures.ts';
import { hashOf } from './hash.ts';
import type { ByteRange, ObjectStore, PinnedObject } from './object-store.ts';
import { askS3, createS3Client, type S3Settings, saysS3 } from './s3-client.ts';
import { copyInS3 } from './s3-copy.ts';
import { createS3Parts, unquoted } from './s3-parts.ts';
import { createS3Presigner } from './s3-presign.ts';
import { stageInS3 } from './s3-stage.ts';

export interface S3Objects extends ObjectStore {
  readonly kind: 's3';
  close(): Promise<void>;
}

export interface S3ObjectsSettings extends S3Settings {
  readonly maxBytes: number;
  /** Where copies for the engines are kept, and how many bytes of them. */
  readonly cache: { readonly directory: string; readonly maxBytes: number };
  /** Larger objects are copied in parts of this size. */
  readonly copyPartBytes?: number;
}

/**
 * Objects in a bucket: `staging/<upload id>` and `cas/sha256/<hash>` below the prefix. Uploads go there without passing us,
 * so what they are is known once they were read (`identify`). Load this module only where it is used: the SDK is large.
 */
export function createS3Objects(settings: S3ObjectsSettings): S3Objects {
  const { bucket: Bucket, prefix } = settings;
  const client = createS3Client(settings);
  const presigner = createS3Presigner(client, Bucket);
  const parts = createS3Parts(client, Bucket, settings.maxBytes);
  const cache = createCache(settings.cache.directory, settings.cache.maxBytes);
  const stagingPrefix = `${prefix}staging/`;
  const contentPrefix = `${prefix}cas/sha256/`;
  const staging = (key: string) => `${stagingPrefix}${path.posix.basename(key)}`;
  const content = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw bytesGone();
    return `${contentPrefix}${sha256}`;
  };

  function headKey(Key: string): Promise<HeadObjectCommandOutput | undefined> {
    return askS3(async () => {
      try {
        return await client.send(new HeadObjectCommand({ Bucket, Key }));
      } catch (error) {
        if (saysS3(error, 404)) return undefined;
        throw error;
      }
    });
  }

  function get(Key: string, gone: () => AppError, range?: ByteRange) {
    return askS3(async () => {
      try {
        const Range = range && { Range: `bytes=${range.start}-${range.end}` };
        const { Body, ContentLength, ETag } = await client.send(new GetObjectCommand({ Bucket, Key, ...Range }));
        return { body: Body as Readable, size: ContentLength ?? 0, etag: unquoted(ETag) };
      } catch (error) {
        throw saysS3(error, 404) ? gone() : error;
      }
    });
  }

  async function head(sha256: string): Promise<PinnedObject | undefined> {
    const found = await headKey(content(sha256));
    return found && { sha256, size: found.ContentLength ?? 0, lastModified: found.LastModified ?? new Date(0) };
  }

  async function arrived(id: string) {
    const found = await headKey(staging(id));
    if (!found) return undefined;
    const { ContentLength: size = 0, LastModified: receivedAt = new Date() } = found;
    return { stagingKey: id, size, etag: unquoted(found.ETag), receivedAt };
  }

  const remove = async (Key: string) => {
    await askS3(() => client.send(new DeleteObjectCommand({ Bucket, Key })));
  };

  return {
    kind: 's3',
    presignUpload: (target) => presigner.upload(staging(target.id), target),
    presignPart: (part) => presigner.part(staging(part.id), part),
    presignDownload: (target) => presigner.download(content(target.sha256), target),
    arrived,

    beginParts: ({ id, contentType }) => parts.begin(staging(id), contentType),
    listParts: (id, handle) => parts.list(staging(id), handle),
    async completeParts(id, handle, wanted) {
      await parts.complete(staging(id), handle, wanted);
      const found = await arrived(id);
      if (!found) throw stagedGone();
      return found;
    },
    abortParts: (id, handle) => parts.abort(staging(id), handle),
    abortStaleParts: (before) => parts.abortStale(prefix, before),

    stage: (id, source) =>
      stageInS3(client, { bucket: Bucket, keyOf: staging, maxBytes: settings.maxBytes }, id, source),
    async identify(stagingKey) {
      const { body, etag } = await get(staging(stagingKey), stagedGone);
      return { stagingKey, ...(await askS3(() => hashOf(body))), etag };
    },

    async pin({ stagingKey, sha256, size, etag }) {
      const to = content(sha256);
      if (await headKey(to)) return;
      await askS3(async () => {
        try {
          const copy = { bucket: Bucket, from: staging(stagingKey), to, size, etag };
          await copyInS3(client, copy, settings.copyPartBytes);
        } catch (error) {
          if (saysS3(error, 412)) throw changedMeanwhile();
          throw saysS3(error, 404) ? stagedGone() : error;
        }
      });
      // Ceph, for one, looks at no condition on the source of a copy.
      const source = await headKey(staging(stagingKey));
      if (!source || unquoted(source.ETag) === etag) return;
      await remove(to);
      throw changedMeanwhile();
    },

    listStaged: (before) =>
      askS3(async () => {
        const keys: string[] = [];
        for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: stagingPrefix })) {
          for (const { Key = '', LastModified } of page.Contents ?? []) {
            if (LastModified && LastModified < before) keys.push(Key.slice(stagingPrefix.length));
          }
        }
        return keys;
      }),
    discard: (stagingKey) => remove(staging(stagingKey)),

    head,
    read: async (sha256, range) => (await get(content(sha256), bytesGone, range)).body,
    localFile: (sha256) => cache.hold(sha256, () => get(content(sha256), bytesGone)),
    list: ({ after, limit }) =>
      askS3(async () => {
        const StartAfter = after === undefined ? {} : { StartAfter: content(after) };
        const command = new ListObjectsV2Command({ Bucket, Prefix: contentPrefix, MaxKeys: limit, ...StartAfter });
        const { Contents = [], IsTruncated } = await client.send(command);
        const items = Contents.map(({ Key = '', Size = 0, LastModified = new Date(0) }) => ({
          sha256: Key.slice(contentPrefix.length),
          size: Size,
          lastModified: LastModified,
        }));
        return { items, next: IsTruncated ? items.at(-1)?.sha256 : undefined };
      }),
    remove: (sha256) => remove(content(sha256)),
    close: async () => client.destroy(),
  };
}

function changedMeanwhile(): AppError {
  return new AppError(
    'CONFLICT',
    'The staged bytes changed while they were being committed.',
    'Commit again; what is there then is what is committed.',
  );
}
