import { createRemoteJWKSet, customFetch, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Egress, EgressResponse } from '../egress.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { unauthenticated } from './tokens.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly egress: Egress;
  readonly log: Logger;
}

/** Claims of a JWT of the issuer that is for one of these audiences; throws for every other text. */
export type VerifyJwt = (token: string, audiences: readonly string[]) => Promise<JWTPayload>;

/** Signatures with a key pair. What can be made with a public key, or with none, is not among them. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Other types, such as logout tokens, are signed by the same keys and are no access tokens. */
const types = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);
const clockSkewS = 60;
const retryMs = 10_000;

/**
 * Verifies JWTs of one issuer. Its keys are found by discovery and kept for ten minutes; a key id that is not among them
 * has them fetched again, at most every half minute, so that no caller makes this server ask without end.
 */
export function createJwtVerifier({ issuer, egress, log }: OidcSettings): VerifyJwt {
  const get = politely(egress);
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  let failedAt: number | undefined;

  function keySet() {
    if (failedAt !== undefined && performance.now() - failedAt >= retryMs) {
      keys = undefined;
      failedAt = undefined;
    }
    keys ??= discover(issuer, get).then((url) =>
      createRemoteJWKSet(url, { [customFetch]: async (target: string) => asResponse(await get(target)) }),
    );
    keys.catch(() => {
      failedAt ??= performance.now();
    });
    return keys;
  }

  return async (token, audiences) => {
    if (issuerIn(token) !== issuer) throw unauthenticated();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, await keySet(), {
        issuer,
        audience: [...audiences],
        algorithms,
        clockTolerance: clockSkewS,
        requiredClaims: ['exp'],
      });
      // A token that is bound to a key proves nothing without that key.
      if (!types.has(protectedHeader.typ?.toLowerCase()) || payload.cnf !== undefined) throw unauthenticated();
      return payload;
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') throw error;
      if (!isFaultOfIssuer(error)) throw unauthenticated();
      log.warn({ error, issuer }, 'the keys of the OIDC issuer cannot be had');
      throw new AppError(
        'UNAVAILABLE',
        'The issuer of this token cannot be asked for its keys just now.',
        'Try again in a moment; if it stays, the operator finds the reason in the log of the server.',
      );
    }
  };
}

async function discover(issuer: string, get: Get): Promise<URL> {
  const { body } = await get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const document = JSON.parse(body.toString());
  if (document.issuer !== issuer || !URL.canParse(document.jwks_uri)) {
    throw new Error(`discovery at ${issuer} answered the configuration of another issuer, or of none`);
  }
  return new URL(document.jwks_uri);
}

type Get = (url: string) => Promise<EgressResponse>;

/** Asks by GET. After a failure nobody is asked for a while; the failure is told again instead. */
function politely(egress: Egress): Get {
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  return async (url) => {
    if (failed && performance.now() - failed.at < retryMs) throw failed.error;
    try {
      const answer = await egress(url, { headers: { accept: 'application/json' } });
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
      failed = undefined;
      return answer;
    } catch (error) {
      failed = { at: performance.now(), error };
      throw error;
    }
  };
}

function asResponse({ status, headers, body }: EgressResponse): Response {
  return new Response(new Uint8Array(body), { status, headers: { 'content-type': headers.get('content-type') ?? '' } });
}

function issuerIn(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** Whether the keys could not be had, as against a token that does not hold. */
function isFaultOfIssuer(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return (
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC'
  );
}
