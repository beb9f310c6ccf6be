import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { requireFor } from '../bound.ts';
import { noProfile } from '../errors.ts';
import { requireFamily } from '../families/find.ts';
import { type JsonValue, parseStrict, strictValue } from '../integrity/parse-strict.ts';
import { findPolicySet } from '../policy/find.ts';
import { findProfile, type Profile } from '../profiles/store.ts';
import type { DraftBody } from './draft-body.ts';

/** A draft as the input of a tool says it. */
export interface DraftInput {
  readonly client_id: string;
  readonly profile: string;
  readonly draft_payload: unknown;
  readonly policy_set_id?: string | undefined;
  readonly changelog?: string | undefined;
  readonly version?: string | undefined;
  readonly schema_version?: string | undefined;
  readonly rollout_percentage?: number | undefined;
}

/** The body of a draft, complete: with the policy set that it is under, exactly, and what policy may know of its author. */
export async function makeBody(
  db: Db,
  input: DraftInput,
  principal: Principal,
): Promise<{ readonly body: DraftBody; readonly profile: Profile }> {
  requireFor(principal, 'config:publish', input);
  const { id, name, scopes } = principal;
  const { client_id, draft_payload: given, changelog = '', version = null, schema_version = null } = input;
  const profile = await requireProfile(db, client_id, input.profile);
  const policy = await findPolicySet(db, input.policy_set_id ?? profile.policy_set_id);
  const body: DraftBody = {
    client_id,
    profile: profile.profile,
    payload: typeof given === 'string' ? parseStrict(given) : (strictValue(given) satisfies JsonValue),
    policy_set_id: policy.id,
    changelog,
    version,
    schema_version,
    rollout_percentage: input.rollout_percentage ?? null,
    claims: { principal_id: id, principal_name: name, scopes: [...scopes].sort() },
  };
  return { body, profile };
}

/** The profile, or CLIENT_NOT_FOUND or PROFILE_NOT_FOUND. */
export async function requireProfile(db: Db, client: string, profile: string): Promise<Profile> {
  const found = await findProfile(db, client, profile);
  if (found) return found;
  await requireFamily(db, client);
  throw noProfile(client, profile);
}
