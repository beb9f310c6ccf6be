import { z } from 'zod';
import type { Reader } from './reader.ts';

/** What answers say while the database is away. */
export const staleField = {
  stale_since: z
    .string()
    .optional()
    .describe('Present while the database is away: since when nothing newer could be learnt.'),
};

export function staleSince(reader: Pick<Reader, 'staleSince'>): { stale_since?: string } {
  const since = reader.staleSince();
  return since ? { stale_since: since.toISOString() } : {};
}
