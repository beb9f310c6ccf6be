import { canonicalJson, sha256 } from '../canonical.ts';
import { findUnstorable } from '../storable.ts';

/** What is noted down of one call: who, what, on what, how it ended. Never the input itself. */
export interface NewEntry {
  /** Null for somebody who has not said who it is. */
  readonly principal_id: string | null;
  readonly principal_name: string;
  readonly tool: string;
  readonly effect: string;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  /** Id of what the call was about. */
  readonly subject: string | null;
  /** Keyed hash of the input: proves a suspected input, tells none. */
  readonly input_hmac: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** An entry as it is stored. `seq` and `hash` come with the seal. */
export interface Entry extends NewEntry {
  readonly id: string;
  /** ISO 8601 in microseconds, as the database keeps it. */
  readonly time: string;
  readonly xid: string;
  readonly seq: number | null;
  readonly hash: string | null;
}

/** What the first entry of all is chained to. */
export const genesis = '0'.repeat(64);

/** The hash of an entry at its place: over the hash before it and every column. */
export function entryHash(before: string, seq: number, entry: Entry): string {
  const { id, time, principal_id, principal_name, tool, effect, outcome, subject, input_hmac, detail, xid } = entry;
  const columns = { id, time, principal_id, principal_name, tool, effect, outcome, subject, input_hmac, detail, xid };
  return sha256(`${before}\n${canonicalJson({ seq, ...columns })}`);
}

/** The canonical text of an input, for its hash; undefined for what is nested too deep or cannot be stored. */
export function inputText(input: unknown): string | undefined {
  return findUnstorable(input) === undefined ? canonicalJson(input ?? {}) : undefined;
}

const wellKnown = ['dataset_id', 'job_id', 'id'];
const idShape = /^[a-z]{2,12}_[0-9a-hjkmnp-tv-z]{26}$/;

/** The id of what a call was about: of its input, else of its answer. Only our own ids count, never a caller's free text. */
export function subjectOf(input: unknown, output?: unknown): string | null {
  for (const source of [input, output]) {
    const fields = typeof source === 'object' && source !== null ? (source as Record<string, unknown>) : {};
    const others = Object.keys(fields).filter((name) => name.endsWith('_id') && !wellKnown.includes(name));
    for (const name of [...wellKnown, ...others]) {
      const value = fields[name];
      if (typeof value === 'string' && idShape.test(value)) return value;
    }
  }
  return null;
}
