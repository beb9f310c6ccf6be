import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { AppError, untrusted } from '../errors.ts';

export interface S3Settings extends SourceSettings {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

/** A service whose buckets are read. */
export interface SourceSettings {
  /** Undefined: AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
  /** Undefined: those that the environment of AWS gives. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/**
 * A client of the operator's object store. It does not pass core/egress.ts: the operator alone names the address, in the
 * settings, and it is often a private one; nothing that a caller says reaches anything but keys and queries.
 */
export function createS3Client(settings: SourceSettings): S3Client {
  return new S3Client({
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
    // By default the SDK signs the checksum of an empty body into presigned URLs, and adds trailers that many stores refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // socketTimeout: silence, not length. An object of gigabytes may take its time.
    requestHandler: { connectionTimeout: 5000, socketTimeout: 60_000, throwOnRequestTimeout: true },
  });
}

/** Whether the store said so, in one of these codes or by this status. */
export function saysS3(error: unknown, ...answers: readonly (string | number)[]): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return answers.includes(error.name) || answers.includes(error.$metadata.httpStatusCode ?? 0);
}

/** Runs a call of the store; what it fails with is said in our words, with the store's beside them. */
export async function askS3<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw s3Failure(error);
  }
}

export function s3Failure(error: unknown): AppError {
  const answered = error instanceof S3ServiceException && error.$metadata.httpStatusCode !== undefined;
  const busy = !answered || error.$metadata.httpStatusCode === 503 || error.$metadata.httpStatusCode === 429;
  return new AppError(
    busy ? 'UNAVAILABLE' : 'UPSTREAM_FAILED',
    answered ? 'The object store refused a request of this server.' : 'The object store cannot be reached now.',
    'Try again later; if it stays, the operator finds the store under objects.s3_bucket in the settings.',
    { cause: untrusted('object store', answered ? `${error.name}: ${error.message}` : networkText(error), 300) },
    { cause: error },
  );
}

function networkText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
