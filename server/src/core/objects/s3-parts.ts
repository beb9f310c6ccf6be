import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { checkParts, noSuchParts, uploadRefused } from './failures.ts';
import type { UploadedPart } from './object-store.ts';
import { askS3, saysS3 } from './s3-client.ts';

/** Uploads in parts, by the store's own multipart uploads: the handle is its upload id. */
export function createS3Parts(client: S3Client, bucket: string, maxBytes: number) {
  async function list(key: string, handle: string): Promise<UploadedPart[]> {
    return askS3(async () => {
      try {
        const parts: UploadedPart[] = [];
        // By IsTruncated, not by the SDK's paginator: some stores name a next marker on the last page too, without end.
        for (let PartNumberMarker: string | undefined; ; ) {
          const command = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: handle, PartNumberMarker });
          const page: ListPartsCommandOutput = await client.send(command);
          for (const part of page.Parts ?? []) {
            parts.push({ number: part.PartNumber ?? 0, size: part.Size ?? 0, etag: unquoted(part.ETag) });
          }
          if (!page.IsTruncated) return parts;
          PartNumberMarker = page.NextPartNumberMarker;
        }
      } catch (error) {
        throw saysS3(error, 404) ? noSuchParts() : error;
      }
    });
  }

  function abort(key: string, handle: string): Promise<void> {
    return askS3(async () => {
      try {
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: handle }));
      } catch (error) {
        if (!saysS3(error, 404)) throw error;
      }
    });
  }

  return {
    list,
    abort,
    begin(key: string, contentType: string): Promise<string> {
      return askS3(async () => {
        const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType });
        const { UploadId: handle } = await client.send(command);
        if (handle === undefined) throw new Error('the store began no upload');
        return handle;
      });
    },
    async complete(
      key: string,
      handle: string,
      wanted: readonly Pick<UploadedPart, 'number' | 'etag'>[],
    ): Promise<void> {
      checkParts(wanted, await list(key, handle), maxBytes);
      const Parts = wanted.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` }));
      await askS3(async () => {
        try {
          await client.send(
            new CompleteMultipartUploadCommand({
              Bucket: bucket,
              Key: key,
              UploadId: handle,
              MultipartUpload: { Parts },
            }),
          );
        } catch (error) {
          if (saysS3(error, 'NoSuchUpload')) throw noSuchParts();
          if (!saysS3(error, 'InvalidPart', 'InvalidPartOrder', 'EntityTooSmall')) throw error;
          throw uploadRefused('The parts changed while they were put together.', 'Look at the parts and try again.');
        }
      });
    },
    /** Aborts those below a prefix that were begun before a time. */
    abortStale(prefix: string, before: Date): Promise<number> {
      return askS3(async () => {
        let aborted = 0;
        for (
          let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
          from;
        ) {
          const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from });
          const page: ListMultipartUploadsCommandOutput = await client.send(command);
          for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
            if (!Initiated || Initiated >= before) continue;
            await abort(Key, UploadId);
            aborted += 1;
          }
          const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
          from = page.IsTruncated ? { KeyMarker, UploadIdMarker } : undefined;
        }
        return aborted;
      });
    },
  };
}

/** Etags travel in quotes, which some clients drop. */
export function unquoted(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
