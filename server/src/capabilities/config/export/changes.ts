import { documentLimits } from '@tutti/client/verify';
import type { ListedRelease } from '../releases/store.ts';

/** How many releases the file of changes tells. */
export const toldChanges = 200;

/** The file that clients of a mirror poll: what was released lately, the newest first. The index, not this, says what is current. */
export function changesText(changes: readonly ListedRelease[]): string {
  const text = `${JSON.stringify({ items: changes.map(changeOf) }, null, 2)}\n`;
  // Who reads an export takes no file that is larger than any document.
  const fits = changes.length <= 1 || Buffer.byteLength(text) <= documentLimits.bytes;
  return fits ? text : changesText(changes.slice(0, changes.length / 2));
}

function changeOf(row: ListedRelease) {
  const { client_id, profile, cohort, sequence, artifact_id, version, kind, changelog } = row;
  const { publisher_id, policy_set_id, issued_at } = row;
  return {
    client_id,
    profile,
    cohort,
    sequence,
    artifact_id,
    version,
    kind,
    changelog,
    publisher_id,
    policy_set_id,
    issued_at: issued_at.toISOString(),
  };
}
