import type { z } from 'zod';
import type { stateSchema } from '../contract.ts';
import type { StoredState } from '../journal/store.ts';
import { type ShowNeeds, whyOmitted } from './show.ts';

/** Bytes of a state's data that a history shows inline; there may be many of them. */
const maxBytes = 64 * 1024;

/** A state as the history shows it. */
export async function showState(
  runId: string,
  row: StoredState,
  { payloads, sensitive }: ShowNeeds,
  data: boolean,
): Promise<z.output<typeof stateSchema>> {
  const { seq, path, name, type, status, generation, server, tool, attempts, error, next, entered_at, exited_at, ms } =
    row;
  const shown: { input?: unknown; output?: unknown; omitted?: string } = {};
  for (const [field, column] of data ? (['input', 'result'] as const).map((one) => [one, row[one]] as const) : []) {
    if (column === null) continue;
    const why = whyOmitted(column, { sensitive, maxBytes });
    if (why !== undefined) shown.omitted = why;
    else shown[field === 'input' ? 'input' : 'output'] = await payloads.open(column, { runId, path });
  }
  return {
    seq,
    path,
    name,
    type,
    status,
    generation,
    ...(server !== null && { server }),
    ...(tool !== null && { tool }),
    attempts: attempts.map((attempt) => ({ ...attempt })),
    ...(error && { error: { ...error } }),
    ...(next !== null && { next }),
    ...shown,
    entered_at,
    ...(exited_at !== null && { exited_at }),
    ...(ms !== null && { ms }),
  };
}
