import { AppError } from '../errors.ts';
import { maxParts, minPartBytes } from './object-store.ts';

const askAgain = 'Ask for a new URL with create_presigned_upload and send the bytes there.';

export function uploadRefused(message: string, suggestion = askAgain): AppError {
  return new AppError('UPLOAD_REFUSED', message, suggestion);
}

export function tooLarge(limit: number): AppError {
  return new AppError(
    'UPLOAD_SIZE_MISMATCH',
    `The body is larger than the ${limit} bytes that this URL allows.`,
    askAgain,
  );
}

export function wrongSize(expected: number, actual: number): AppError {
  return new AppError(
    'UPLOAD_SIZE_MISMATCH',
    `The body has ${actual} bytes, this URL was made for ${expected}.`,
    askAgain,
  );
}

export function bytesGone(): AppError {
  return new AppError(
    'NOT_FOUND',
    'The bytes of this object are gone.',
    'Upload the object again and commit a new version.',
  );
}

export function stagedGone(details?: { readonly object_key: string }): AppError {
  return new AppError('NOT_FOUND', 'The staged bytes of this upload are gone.', askAgain, details);
}

export function noSuchParts(): AppError {
  return uploadRefused('This upload in parts was completed, aborted or never begun.', 'Begin it again.');
}

export function largerThanAllowed(size: number, limit: number, details?: { readonly object_key: string }): AppError {
  return new AppError(
    'PAYLOAD_TOO_LARGE',
    `This object has ${size} bytes; objects may have up to ${limit}.`,
    'Upload smaller objects; one of the same key replaces what is staged.',
    details,
  );
}

/**
 * Throws unless these are the parts of an object: there, with those etags, in order, none but the last one small, and not
 * more in all than an object may have.
 */
export function checkParts(
  wanted: readonly { readonly number: number; readonly etag: string }[],
  arrived: readonly { readonly number: number; readonly etag: string; readonly size: number }[],
  maxBytes: number,
): void {
  const known = new Map(arrived.map((part) => [part.number, part]));
  const suggestion = 'Look at the parts that arrived, send again what differs, and complete it with their etags.';
  if (wanted.length === 0 || wanted.length > maxParts) {
    throw uploadRefused(`An object has 1 to ${maxParts} parts.`, suggestion);
  }
  let size = 0;
  for (const [at, { number, etag }] of wanted.entries()) {
    const part = known.get(number);
    if (!part || part.etag !== etag) throw uploadRefused(`Part ${number} did not arrive with this etag.`, suggestion);
    if (number <= (wanted[at - 1]?.number ?? 0))
      throw uploadRefused('Parts must be in the order of numbers.', suggestion);
    if (part.size < minPartBytes && at < wanted.length - 1) {
      throw uploadRefused(`Part ${number} has less than ${minPartBytes} bytes and is not the last one.`, suggestion);
    }
    size += part.size;
  }
  if (size > maxBytes) throw largerThanAllowed(size, maxBytes);
}
