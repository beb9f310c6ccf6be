import { OrchestraError, ofStatus, unusable } from '../errors.ts';
import { readFrom, readTail, readUpTo } from './read-body.ts';
import type { Ask } from './requests.ts';
import { saidIn } from './said.ts';

/** The part of a file that is wanted, in bytes: from `offset`, or the end of it. */
export type Part = { readonly offset: number; readonly length: number } | { readonly tail: number };

export interface FilePart {
  readonly bytes: Buffer;
  /** Where the part begins; null where the other side does not say. */
  readonly start: number | null;
  /** Size of the file, where it is known. */
  readonly total: number | null;
  /** The file goes on after this part. */
  readonly more: boolean;
  /** It is still being written. */
  readonly pending: boolean;
  /** All of it was sent although a part was asked for. */
  readonly rangeIgnored: boolean;
}

/** Largest part that is read at once. */
export const maxPart = 3 * 1024 * 1024;
/** How far a file is read whose range was ignored. */
export const maxIgnored = 64 * 1024 * 1024;
/** The storage's words for a log that has nothing there; beyond its beginning they mean its end. */
const storageFailed = /failed to download log file/i;

/** What to ask for a part of a file. Throws `RangeError` for a part that is none or beyond `maxPart`. */
export function askForPart(path: string, filename: string, part: Part): Ask<FilePart> {
  const length = 'tail' in part ? part.tail : part.length;
  const offset = 'tail' in part ? 0 : part.offset;
  if (!Number.isSafeInteger(length) || length < 1 || length > maxPart || !Number.isSafeInteger(offset) || offset < 0) {
    throw new RangeError('no part of a file');
  }
  return {
    path,
    query: { filename },
    headers: { range: 'tail' in part ? `bytes=-${part.tail}` : `bytes=${offset}-${offset + length - 1}` },
    also: [416, 500],
    read: (response, endpoint) => readPart(response, part, endpoint),
  };
}

async function readPart(response: Response, part: Part, endpoint: string): Promise<FilePart> {
  const pending = response.headers.get('x-file-status')?.toUpperCase() === 'PENDING';
  const range = contentRange(response.headers.get('content-range'));
  if (response.status === 204 || response.status === 416) {
    await response.body?.cancel();
    return { ...nothing(range?.total ?? null), pending };
  }
  if (response.status === 500) return endOf(part, await saidIn(response), endpoint);
  if (response.status === 206)
    return { ...(await partial(response, part, range, endpoint)), pending, rangeIgnored: false };
  const whole = await ignoring(response, part, endpoint);
  return { ...whole, pending, rangeIgnored: true };
}

/** The end of a file, where the storage fails beyond its beginning; there the failure is final: the file is not there. */
function endOf(part: Part, said: string, endpoint: string): FilePart {
  const error = ofStatus(500, said, endpoint);
  if (!storageFailed.test(said)) throw error;
  if (!('tail' in part) && part.offset > 0) return { ...nothing(null), start: part.offset };
  throw new OrchestraError(
    [error.code, 'The storage of Orchestra cannot read this file.', error.suggestion],
    {},
    { status: 500, endpoint },
  );
}

interface ContentRange {
  readonly start: number | null;
  readonly total: number | null;
}

async function partial(response: Response, part: Part, range: ContentRange | undefined, endpoint: string) {
  const start = range?.start ?? ('tail' in part ? null : part.offset);
  if (!('tail' in part) && start !== part.offset) {
    await response.body?.cancel();
    throw unusable('it is another part of the file than was asked for', endpoint);
  }
  const { bytes, more } = await readUpTo(response, 'tail' in part ? part.tail : part.length);
  const total = range?.total ?? null;
  const filled = !('tail' in part) && bytes.length === part.length;
  const goesOn = total !== null && start !== null ? start + bytes.length < total : filled;
  return { bytes, start, total, more: more || goesOn };
}

/** Of a file that was sent whole; `more` of a tail says that the file goes on beyond what is read of such a one. */
async function ignoring(response: Response, part: Part, endpoint: string) {
  if ('tail' in part) {
    const { bytes, start, more } = await readTail(response, part.tail, maxIgnored);
    return { bytes, start, total: more ? null : start + bytes.length, more };
  }
  if (part.offset + part.length > maxIgnored) {
    await response.body?.cancel();
    throw unusable('its range is ignored, and the part lies too far in to be reached without', endpoint);
  }
  const { bytes, more } = await readFrom(response, part.offset, part.length);
  return { bytes, start: part.offset, total: more ? null : part.offset + bytes.length, more };
}

function contentRange(header: string | null): ContentRange | undefined {
  const found = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15}|\*)$/.exec(header?.trim() ?? '');
  if (!found) return undefined;
  const [, start, total] = found;
  return { start: start === undefined ? null : Number(start), total: total === '*' ? null : Number(total) };
}

function nothing(total: number | null): FilePart {
  return { bytes: Buffer.alloc(0), start: total, total, more: false, pending: false, rangeIgnored: false };
}
