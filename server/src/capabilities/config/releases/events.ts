import type { Db } from '../../../core/db/database.ts';
import { appendEvent } from '../../../core/events/store.ts';

/** Something was released. Its data is the release. */
export const releasedEvent = 'config.released';
/** What is answered changed without a release: a profile, a family, a renewed statement, a further signature. */
const changedEvent = 'config.changed';

export const changeEvents: readonly string[] = [releasedEvent, changedEvent];

/** Appends, in the caller's transaction, that something changed which no release tells. */
export async function tellChange(
  tx: Db,
  data: { readonly what: 'profile' | 'family' | 'statement' | 'signatures'; readonly client_id?: string },
): Promise<void> {
  const subject = `config:${data.client_id ?? 'all'}`;
  await appendEvent(tx, { type: changedEvent, subject, toolset: 'config', data });
}
