import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Authority } from './authority.ts';
import { connectionOf } from './connection.ts';
import { expandGrants, type Principal } from './principal.ts';
import * as store from './store.ts';

export interface TokenRequest {
  /** The principal's name; it is made when missing. */
  readonly name: string;
  /** What the principal may do: roles or scopes. Replaces what it had. */
  readonly grants: readonly string[];
  /** Narrows this one token below its principal. */
  readonly only?: readonly string[];
  readonly expiresAt: Date;
}

/** Mints a token. Its secret is returned once and stored only as a hash. */
export async function createToken(db: Db, request: TokenRequest): Promise<{ id: string; secret: string }> {
  const { unknown } = expandGrants([...request.grants, ...(request.only ?? [])]);
  if (unknown.length > 0) {
    throw new AppError(
      'VALIDATION_FAILED',
      `Unknown grant: ${unknown.join(', ')}.`,
      'Grant a role (admin, writer, reader) or a scope such as lake:read.',
    );
  }
  const secret = `tutti_${randomBytes(32).toString('base64url')}`;
  const principalId = await store.putPrincipal(db, {
    id: newId('prn'),
    name: request.name,
    grants: [...request.grants],
  });
  const id = newId('tok');
  await store.insertToken(db, {
    id,
    principal_id: principalId,
    hash: hash(secret),
    grants: request.only ? [...request.only] : null,
    expires_at: request.expiresAt,
  });
  return { id, secret };
}

/** The principal behind a bearer token. Every failure reads the same, so that a guess learns nothing. */
export async function authenticate(db: Db, secret: string | undefined): Promise<Principal> {
  const row = secret ? await store.findToken(db, hash(secret)) : undefined;
  if (!row || row.revoked_at !== null || row.expires_at.getTime() <= Date.now()) {
    throw unauthenticated();
  }
  const connection = connectionOf(row.token_id);
  const caller = principal(row.principal_id, row.name, row.principal_grants, row.token_grants);
  return { ...caller, tokenId: row.token_id, expiresAt: row.expires_at, ...(connection && { connection }) };
}

/** Every refusal in the same words. */
export function unauthenticated(): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    'The bearer token is missing, unknown, expired or revoked.',
    'Send `Authorization: Bearer <token>`; the operator mints one with `tutti token create <name> --grant reader`.',
  );
}

/**
 * The principal of a job with what it may do now: what the call that started it could, as far as its grants still hold.
 * Undefined when it is gone. Throws FORBIDDEN when the token of that call was revoked; one that merely ended counts on, for
 * a job may take longer. Without an authority, as in jobs of earlier releases, the grants alone count.
 */
export async function loadPrincipal(
  db: Db,
  id: string,
  authority: Omit<Authority, 'principalId'> | null,
): Promise<Principal | undefined> {
  const row = await store.findPrincipal(db, id);
  if (!row) return undefined;
  const now = principal(row.id, row.name, row.grants, null);
  if (authority === null) return now;
  const { scopes, admin, tokenId } = authority;
  if (tokenId !== undefined && (await store.isRevoked(db, tokenId))) {
    throw new AppError(
      'FORBIDDEN',
      'The token that started this job was revoked.',
      'Start the job again with a token that holds.',
    );
  }
  return {
    ...now,
    admin: now.admin && admin,
    scopes: now.scopes.intersection(new Set(scopes)),
    ...(tokenId !== undefined && { tokenId }),
  };
}

function principal(id: string, name: string, grants: readonly string[], only: readonly string[] | null): Principal {
  const own = expandGrants(grants);
  const narrowed = only === null ? own : expandGrants(only);
  const scopes = narrowed.scopes.intersection(own.scopes);
  // What either is limited to counts: a token never holds for more than its principal.
  const limits = [...new Set([own.limits, narrowed.limits])].filter((one) => one !== undefined);
  return { id, name, admin: grants.includes('admin') && only === null, scopes, ...(limits.length > 0 && { limits }) };
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
