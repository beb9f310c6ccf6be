import type { Db } from '../../../core/db/database.ts';
import { noPolicySet } from '../errors.ts';
import { baseline } from './baseline.ts';
import { type PolicySet, parsePolicySet, policySetId } from './document.ts';
import { findPolicySetRow } from './store.ts';

/** What a profile says that no policy runs. */
export const noPolicy = 'none';

const parsed = new Map<string, PolicySet>();
const mostParsed = 50;

/** A policy set by its exact id; for `none` there is no more. */
export interface FoundPolicySet {
  readonly id: string;
  readonly set?: PolicySet;
  /** As it was put, with its version. */
  readonly document?: Readonly<Record<string, unknown>>;
}

/**
 * The policy set of an id: `name@version`, `name` for its newest version, or `none`, for which there is none. Throws
 * POLICY_SET_NOT_FOUND.
 */
export async function findPolicySet(db: Db, id: string): Promise<FoundPolicySet> {
  if (id === noPolicy) return { id };
  const [, name = '', digits] = /^([a-z0-9][a-z0-9_-]{0,62})(?:@([1-9][0-9]{0,6}))?$/.exec(id) ?? [];
  const version = digits === undefined ? undefined : Number(digits);
  if (name === baseline.name && (version ?? baseline.version) === baseline.version) {
    const { conditions: _conditions, extends: _itself, ...document } = baseline;
    return { id: policySetId(baseline), set: baseline, document };
  }
  const row = name === '' ? undefined : await findPolicySetRow(db, name, version);
  if (!row) throw noPolicySet(id);
  // What was put under a version never changes, so it is read once.
  const key = `${row.name}@${row.version} ${row.hash}`;
  const set = parsed.get(key) ?? readSet(row.document);
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(key, set);
  return { id: policySetId(set), set, document: row.document };
}

function readSet(document: unknown): PolicySet {
  const { set, problems } = parsePolicySet(document);
  if (!set) throw new Error(`a policy set that was kept cannot be read: ${problems[0]?.message ?? ''}`);
  return set;
}
