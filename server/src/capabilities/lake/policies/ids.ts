import { encodeTime } from 'ulid';
import { sha256 } from '../../../core/canonical.ts';

/** The id of a job that is enqueued once for all that these words say; its time places it among the ids of all jobs. */
export function automaticJobId(time: Date, ...words: readonly unknown[]): string {
  return `job_${encodeTime(time.getTime(), 10).toLowerCase()}${sha256(words).slice(0, 16)}`;
}
