import { z } from 'zod';
import type { VersionRow } from './store.ts';

/** A version as the tools show it. */
export const versionSchema = z.looseObject({
  version: z.string().describe('Its name.'),
  manifest_id: z.string().describe('Hash of the list of its objects: equal ones have equal objects.'),
  parent: z.string().optional().describe('The version that was current when it was committed.'),
  objects: z.number().describe('How many objects it has.'),
  bytes: z.number().describe('Bytes of all of them.'),
  created_at: z.string().describe('ISO 8601 UTC.'),
  current: z.boolean().describe('Whether it is the current one.'),
  job_id: z.string().optional().describe('The job that made it, if it took one.'),
  metadata: z.record(z.string(), z.unknown()).describe('What was given at its commit.'),
});

export type Version = z.output<typeof versionSchema>;

export function toVersion(row: VersionRow, objects: number, current: string | null): Version {
  return {
    version: row.version,
    manifest_id: row.manifest_id,
    ...(row.parent !== null && { parent: row.parent }),
    objects,
    bytes: row.bytes,
    created_at: row.created_at.toISOString(),
    current: row.version === current,
    ...(row.job_id !== null && { job_id: row.job_id }),
    metadata: row.metadata,
  };
}

/** The place of a version in the list, newest first, as a cursor keeps it. */
export function positionOf(row: VersionRow): string {
  return `${row.created_at.toISOString()} ${row.version}`;
}

export function parsePosition(position: string | undefined): { created_at: Date; version: string } | undefined {
  if (position === undefined) return undefined;
  const [time = '', version = ''] = position.split(' ');
  return { created_at: new Date(time), version };
}
