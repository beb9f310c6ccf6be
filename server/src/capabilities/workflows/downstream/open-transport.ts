import path from 'node:path';
import type { EgressFetch } from '../../../core/egress.ts';
import { keysDirectory } from '../../../core/key-files.ts';
import type { Secrets } from '../../../core/secrets.ts';
import type { Settings } from '../../../core/settings.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import { readCredential, resolveTexts } from './credentials.ts';
import type { EgressPool } from './egress-pool.ts';
import { clientCredentials, type TokenSource } from './http/client-credentials.ts';
import { HttpTransport } from './http/transport.ts';
import { type Premises, planLaunch } from './isolation/launch.ts';
import type { OpenTransport } from './link.ts';
import { ChildTransport } from './stdio/transport.ts';

export interface OpenNeeds {
  readonly secrets: Secrets;
  readonly premises: Premises;
  readonly egress: EgressPool;
}

/** Where children live, and what they must not see. */
export function openNeedsOf(
  { secrets, settings }: { secrets: Secrets; settings: Settings },
  egress: EgressPool,
): OpenNeeds {
  const serversDir = path.resolve(settings['workflows.servers_dir'] ?? `${settings.data_dir}-servers`);
  const hidden = [settings.data_dir, keysDirectory(settings)].map((place) => path.resolve(place));
  return { secrets, egress, premises: { serversDir, hidden } };
}

/** How a server's connections are opened: each time with its credentials as they are then. */
export function transportsOf(server: DownstreamServer, needs: OpenNeeds): OpenTransport {
  const maxBytes = server.max_answer_mb * 2 ** 20;
  const { url } = server;
  if (url === undefined) {
    return async () => {
      const env = await resolveTexts(needs.secrets, server.env);
      return new ChildTransport(await planLaunch(server, env, needs.premises), maxBytes);
    };
  }
  let auth: TokenSource | undefined;
  return async () => {
    const { fetch } = await needs.egress.get(maxBytes);
    auth ??= authOf(server, url, needs.secrets, fetch);
    const { hostname: host } = new URL(url);
    const headers = await resolveTexts(needs.secrets, server.headers, host);
    return new HttpTransport({ url: new URL(url), fetch, headers, auth });
  };
}

function authOf(
  { bearer, oauth }: DownstreamServer,
  url: string,
  secrets: Secrets,
  fetch: EgressFetch['fetch'],
): TokenSource | undefined {
  const host = (address: string) => new URL(address).hostname;
  if (bearer !== undefined) return { token: () => readCredential(secrets, bearer, host(url)) };
  if (oauth === undefined) return undefined;
  const clientSecret = () => readCredential(secrets, oauth.client_secret, host(oauth.token_url ?? url));
  return clientCredentials({ fetch, url, oauth, clientSecret });
}
