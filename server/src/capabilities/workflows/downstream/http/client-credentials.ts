import { assertSecureTokenEndpoint, discoverOAuthServerInfo } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { EgressFetch } from '../../../../core/egress.ts';
import { untrusted } from '../../../../core/errors.ts';
import { conceal } from '../../../../core/redact.ts';
import type { DownstreamServer } from '../../../../core/workflows-settings.ts';
import { DownstreamError } from '../types.ts';

/** What the SDK's transport asks for its `Authorization` header, and tells when that was refused. */
export interface TokenSource {
  token(): Promise<string | undefined>;
  onUnauthorized?(): Promise<void>;
}

const tokenAnswer = z.looseObject({
  access_token: z.string().min(1).max(16_384),
  token_type: z.string().optional(),
  expires_in: z.coerce.number().min(0).optional(),
});
/** A token is renewed this long before it ends, or half of its life where that is shorter. */
const marginMs = 30_000;

export interface ClientCredentialsNeeds {
  readonly fetch: EgressFetch['fetch'];
  readonly url: string;
  readonly oauth: NonNullable<DownstreamServer['oauth']>;
  /** Read anew for each token, towards the host that it is sent to, which the server may have named. */
  readonly clientSecret: (host: string) => Promise<string>;
}

/**
 * OAuth 2.1 client credentials (RFC 6749 4.4, with the resource indicator of RFC 8707) as MCP's extension for machines has
 * it. Who calls meanwhile waits for the one token; a token that is refused, or near its end, is asked for anew.
 */
export function clientCredentials(needs: ClientCredentialsNeeds): TokenSource {
  let held: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  return {
    async token() {
      if (held && performance.now() < held.until) return held.token;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    async onUnauthorized() {
      held = undefined;
    },
  };

  async function ask(): Promise<string> {
    const { client_id: id, scope } = needs.oauth;
    const endpoint = needs.oauth.token_url ?? (await discover());
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scope !== undefined) body.set('scope', scope);
    body.set('resource', needs.oauth.resource ?? needs.url);
    const basic = [id, await needs.clientSecret(new URL(endpoint).hostname)]
      .map((part) => encodeURIComponent(part))
      .join(':');
    conceal(Buffer.from(basic).toString('base64'));
    const response = await needs.fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: body.toString(),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw refused(`answered ${response.status}: ${untrusted('oauth', text, 200).text}`);
    return keep(text);
  }

  function keep(text: string): string {
    const answer = tokenAnswer.safeParse(parseJson(text));
    if (!answer.success) throw refused('gave no token');
    const { access_token: token, token_type: type = 'bearer', expires_in: seconds = 300 } = answer.data;
    // One that is bound to a key is of no use without that key.
    if (type.toLowerCase() !== 'bearer') throw refused('gave a token of another kind than bearer');
    conceal(token);
    const lifeMs = Math.min(seconds * 1000, 86_400_000);
    held = { token, until: performance.now() + lifeMs - Math.min(marginMs, lifeMs / 2) };
    return token;
  }

  /** RFC 9728, then RFC 8414 or OpenID Connect discovery. */
  async function discover(): Promise<string> {
    const found = await discoverOAuthServerInfo(needs.url, { fetchFn: needs.fetch });
    const endpoint = found.authorizationServerMetadata?.token_endpoint;
    if (endpoint === undefined) throw refused('is not to be found: the server names no token endpoint');
    // Named by the server, not by the operator: never in the clear.
    assertSecureTokenEndpoint(endpoint);
    return endpoint;
  }
}

function refused(what: string): DownstreamError {
  return new DownstreamError(
    'unreachable',
    `The authorisation server ${what}.`,
    false,
    'Have the operator check oauth of the server: client_id, client_secret, token_url, scope.',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
