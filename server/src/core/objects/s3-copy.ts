import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';

/** What S3 copies at once: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const maxCopyBytes = 5 * 2 ** 30;

export interface CopyRequest {
  readonly bucket: string;
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** The copy fails (412) when the source is not in this state any more. */
  readonly etag: string;
}

/** Copies within the bucket, without the bytes passing through here; larger objects in parts of `partBytes`. */
export async function copyInS3(client: S3Client, copy: CopyRequest, partBytes = maxCopyBytes): Promise<void> {
  const { bucket, from, to, size } = copy;
  const source = {
    CopySource: `${bucket}/${encodeURIComponent(from).replaceAll('%2F', '/')}`,
    CopySourceIfMatch: `"${copy.etag}"`,
  };
  const target = { Bucket: bucket, Key: to };
  if (size <= partBytes) {
    await client.send(new CopyObjectCommand({ ...target, ...source }));
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const end = Math.min(start + partBytes, size) - 1;
      const PartNumber = Parts.length + 1;
      const range = { CopySourceRange: `bytes=${start}-${end}` };
      const done = await client.send(
        new UploadPartCopyCommand({ ...target, UploadId, PartNumber, ...source, ...range }),
      );
      Parts.push({ PartNumber, ETag: done.CopyPartResult?.ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}
