import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
// @ts-expect-error: it brings no types
import Provider from 'oidc-provider';

export interface OidcIssuer {
  readonly url: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** The key with which it signs, for tests that sign what it never would. */
  readonly key: CryptoKey;
  /** Its public key, as everybody can have it. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** How often its keys were asked for. */
  keyRequests(): number;
  /** A token by the client credentials grant, for a resource. */
  token(resource: string, scope: string): Promise<string>;
  /** A JWT of these claims, as the issuer signs them; `header` replaces what it would say. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, string>>, key?: CryptoKey): Promise<string>;
  stop(): Promise<void>;
}

export const keyId = 'first';

/** A real OpenID provider on loopback: any resource is known to it, and its access tokens are JWTs. */
export async function startOidcIssuer(scopes: readonly string[]): Promise<OidcIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: keyId, alg: 'RS256', use: 'sig' };
  const publicJwk = { ...(await exportJWK(publicKey)), kid: keyId };
  const client = { id: 'robot', secret: 'a-secret-of-the-client-itself' };

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ['only-for-tests'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  let keyRequests = 0;
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url === '/jwks') keyRequests += 1;
    answer(request, response);
  });

  return {
    url,
    client,
    key: privateKey,
    publicJwk,
    keyRequests: () => keyRequests,
    async token(resource, scope) {
      const response = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
      });
      const body = (await response.json()) as { access_token?: string };
      if (!body.access_token) throw new Error(`the issuer answered ${response.status} ${JSON.stringify(body)}`);
      return body.access_token;
    },
    sign: (claims, header = {}, key = privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: keyId, typ: 'at+jwt', ...header }).sign(key),
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}
