import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';

/** The same for every process that sees this time of this schedule, and in order of time among all job ids. */
export function scheduledId(name: string, time: Date): string {
  const digest = createHash('sha256').update(`${name} ${time.toISOString()}`).digest('hex').slice(0, 16);
  return `job_${encodeTime(time.getTime(), 10).toLowerCase()}${digest}`;
}
