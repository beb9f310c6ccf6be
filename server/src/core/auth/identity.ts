import type { JWTPayload } from 'jose';
import type { Db } from '../db/database.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Settings } from '../settings.ts';
import { isStorable } from '../storable.ts';
import type { createJwtVerifier } from './oidc.ts';
import { type GrantRule, grantsFor, parseGrantRule, valuesOf } from './oidc-grants.ts';
import { expandGrants, type Principal } from './principal.ts';
import { findPrincipalByName, putPrincipal } from './store.ts';
import { authenticate, unauthenticated } from './tokens.ts';

/** The principal behind a bearer token of either kind, for a request to `path`. */
export type Identify = (secret: string | undefined, path: string) => Promise<Principal>;

export interface Identity {
  readonly identify: Identify;
  readonly issuer: string | undefined;
  /** The URLs by which this server is known, the preferred one first. */
  bases(): readonly string[];
}

export interface IdentityNeeds {
  readonly db: Db;
  readonly log: Logger;
  readonly settings: Settings;
  /** Where the server listens; asked late, for the port may be known only then. */
  readonly listening: () => string;
}

/** Who calls: bearer tokens of our own always, JWTs when an issuer is set. */
export function createIdentity({ db, log, settings, listening }: IdentityNeeds): Identity {
  const issuer = settings['oidc.issuer'];
  const bases = () => (settings.public_url ? [settings.public_url.replace(/\/$/, '')] : loopbackNames(listening()));
  if (issuer === undefined) return { identify: (secret) => authenticate(db, secret), issuer, bases };

  const rules = settings['oidc.grants'].map(parseGrantRule);
  let verifier: Promise<JwtVerifier> | undefined;
  // Loaded with the first JWT: what reaches out and checks signatures is memory that a server without an issuer never needs.
  const verify: JwtVerifier = async (token, audience) => {
    verifier ??= loadVerifier(issuer, settings, log);
    return (await verifier)(token, audience);
  };
  const audiences = (path: string) =>
    settings['oidc.audience'].length > 0 ? settings['oidc.audience'] : ownAudiences(bases(), path);
  return {
    async identify(secret, path) {
      if (secret === undefined || !isJwt(secret)) return authenticate(db, secret);
      return oidcPrincipal(db, issuer, await verify(secret, audiences(path)), settings, rules);
    },
    issuer,
    bases,
  };
}

type JwtVerifier = ReturnType<typeof createJwtVerifier>;

async function loadVerifier(issuer: string, settings: Settings, log: Logger): Promise<JwtVerifier> {
  const [{ createEgress }, oidc] = await Promise.all([import('../egress.ts'), import('./oidc.ts')]);
  const allow = settings['egress.allow'];
  const egress = createEgress({ allow, timeoutMs: 5000, maxBytes: 2 ** 20, maxRedirects: 2 });
  return oidc.createJwtVerifier({ issuer, egress, log });
}

const isJwt = (secret: string) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(secret);

/** What a token may be for when the operator named nothing: this server, its default endpoint, or the one called. */
function ownAudiences(bases: readonly string[], path: string): string[] {
  const called = /^\/mcp\/[a-z]+$/.test(path) ? [path] : [];
  return bases.flatMap((base) => ['', '/', '/mcp', ...called].map((end) => `${base}${end}`));
}

/** A server on loopback has several names at the same port. */
function loopbackNames(url: string): string[] {
  const { hostname, port, protocol } = new URL(url);
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  if (!names.includes(hostname)) return [url];
  return [hostname, ...names.filter((name) => name !== hostname)].map((name) => `${protocol}//${name}:${port}`);
}

/** The principal of a JWT, made at first sight. Its grants are what the operator gives; the token's scopes narrow them. */
async function oidcPrincipal(
  db: Db,
  issuer: string,
  claims: JWTPayload,
  settings: Settings,
  rules: readonly GrantRule[],
): Promise<Principal> {
  const subject = claims[settings['oidc.principal_claim']];
  if (typeof subject !== 'string' || subject === '' || subject.length > 255 || !isStorable(subject)) {
    throw unauthenticated();
  }
  const name = `oidc:${issuer}#${subject}`;
  const grants = grantsFor(rules, claims);
  const known = await findPrincipalByName(db, name);
  const same = known !== undefined && known.grants.join(' ') === grants.join(' ');
  // Where nothing is written a principal that nobody has met goes by its name.
  const met = settings.read_only ? (known?.id ?? name) : undefined;
  const id = same ? known.id : (met ?? (await putPrincipal(db, { id: newId('prn'), name, grants })));
  const { scopes: own, limits } = expandGrants(grants);
  const scopeClaim = settings['oidc.scope_claim'];
  const claimed = scopeClaim === '' ? undefined : expandGrants(valuesOf(claims, scopeClaim));
  const scopes = claimed ? claimed.scopes.intersection(own) : own;
  const all = [limits, claimed?.limits].filter((one) => one !== undefined);
  const admin = grants.includes('admin') && scopes.size === own.size;
  return {
    id,
    name,
    admin,
    scopes,
    ...(all.length > 0 && { limits: all }),
    ...(claims.exp !== undefined && { expiresAt: new Date(claims.exp * 1000) }),
  };
}
