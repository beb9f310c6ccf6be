import { createHash } from 'node:crypto';

/** A part of the clients, chosen by a stable hash of the random id that each of them keeps. */
export interface Cohort {
  readonly id: string;
  /** 0 to 100. Who is in at one percentage is in at every higher one. */
  readonly percentage: number;
}

/** Whether a client is in a cohort. Server and client reckon alike: the first 32 bits of SHA-256 of `<id>\n<client's id>`. */
export function inCohort({ id, percentage }: Cohort, fingerprint: string): boolean {
  const bits = createHash('sha256').update(`${id}\n${fingerprint}`).digest().readUInt32BE(0);
  return bits < (percentage / 100) * 2 ** 32;
}

/**
 * Whether a statement for a cohort is for a client that keeps this id. One without an id takes part in no rollout; null is
 * whoever checks what is for others.
 */
export function isMeantFor(cohort: 'all' | Cohort, fingerprint: string | null | undefined): boolean {
  if (cohort === 'all' || cohort.percentage === 100 || fingerprint === null) return true;
  return fingerprint !== undefined && inCohort(cohort, fingerprint);
}
