import { GetObjectCommand, PutObjectCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { partType } from './disk-urls.ts';
import { attachment } from './disposition.ts';
import type { DownloadTarget, PartTarget, PresignedRequest, UploadTarget } from './object-store.ts';

/** Makes the URLs by which callers reach the store themselves. Every header that a request must carry is signed. */
export function createS3Presigner(client: S3Client, bucket: string) {
  const sign = async (
    command: PutObjectCommand | UploadPartCommand | GetObjectCommand,
    expiresAt: Date,
    headers: Readonly<Record<string, string>>,
  ): Promise<PresignedRequest> => {
    (command as PutObjectCommand).middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
        return next(args);
      },
      { step: 'build', name: 'signedHeaders' },
    );
    // Given a set, the presigner signs nothing outside of it, and without one leaves content-type and -length out.
    const signableHeaders = new Set(['host', ...Object.keys(headers)]);
    const expiresIn = Math.max(1, Math.ceil((expiresAt.getTime() - Date.now()) / 1000));
    return { url: await getSignedUrl(client, command as PutObjectCommand, { expiresIn, signableHeaders }), headers };
  };

  return {
    upload(key: string, { contentType, size, expiresAt }: UploadTarget): Promise<PresignedRequest> {
      return sign(new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: contentType }), expiresAt, {
        'content-type': contentType,
        ...(size === undefined ? {} : { 'content-length': String(size) }),
        // One body a URL.
        'if-none-match': '*',
      });
    },
    part(key: string, { handle, number, size, expiresAt }: PartTarget): Promise<PresignedRequest> {
      const command = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: handle, PartNumber: number });
      return sign(command, expiresAt, {
        'content-type': partType,
        ...(size === undefined ? {} : { 'content-length': String(size) }),
      });
    },
    download(key: string, { name, contentType, expiresAt }: DownloadTarget): Promise<PresignedRequest> {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentType: contentType,
        ResponseContentDisposition: attachment(name),
      });
      return sign(command, expiresAt, {});
    },
  };
}
