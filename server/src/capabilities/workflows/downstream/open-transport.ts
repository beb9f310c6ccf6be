import path from 'node:path';
import type { Db } from '../../../core/db/database.ts';
import type { EgressFetch } from '../../../core/egress.ts';
import type { Secrets } from '../../../core/secrets.ts';
import type { Settings } from '../../../core/settings.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import { readCredential, resolveTexts } from './credentials.ts';
import type { EgressPool } from './egress-pool.ts';
import { clientCredentials, type TokenSource } from './http/client-credentials.ts';
import { HttpTransport } from './http/transport.ts';
import { hiddenPlaces } from './isolation/hidden.ts';
import { type Premises, planLaunch } from './isolation/launch.ts';
import type { OpenTransport } from './link.ts';
import { ChildTransport } from './stdio/transport.ts';

export interface OpenNeeds {
  readonly secrets: Secrets;
  readonly premises: Premises;
  readonly egress: EgressPool;
}

interface PlaceNeeds {
  readonly db: Db;
  readonly secrets: Secrets;
  readonly settings: Settings;
}

/** Where children live, and what they must not see. */
export function openNeedsOf({ db, secrets, settings }: PlaceNeeds, egress: EgressPool): OpenNeeds {
  const serversDir = path.resolve(settings['workflows.servers_dir'] ?? `${settings.data_dir}-servers`);
  return { secrets, egress, premises: { serversDir, hidden: () => hiddenPlaces(db, settings) } };
}

/** How a server's connections are opened: each time with its credentials as they are then. */
export function transportsOf(server: DownstreamServer, needs: OpenNeeds): OpenTransport {
  const maxBytes = server.max_answer_mb * 2 ** 20;
  const { url } = server;
  if (url === undefined) {
    return async () => {
      const env = await resolveTexts(needs.secrets, server.env, { server: server.name });
      return new ChildTransport(await planLaunch(server, env, needs.premises), maxBytes);
    };
  }
  let auth: TokenSource | undefined;
  return async () => {
    const { fetch } = await needs.egress.get(maxBytes);
    auth ??= authOf(server, url, needs.secrets, fetch);
    const { hostname: host } = new URL(url);
    const headers = await resolveTexts(needs.secrets, server.headers, { server: server.name, host });
    return new HttpTransport({ url: new URL(url), fetch, headers, auth });
  };
}

function authOf(
  { name, bearer, oauth }: DownstreamServer,
  url: string,
  secrets: Secrets,
  fetch: EgressFetch['fetch'],
): TokenSource | undefined {
  const to = (host: string) => ({ server: name, host });
  if (bearer !== undefined) return { token: () => readCredential(secrets, bearer, to(new URL(url).hostname)) };
  if (oauth === undefined) return undefined;
  const clientSecret = (host: string) => readCredential(secrets, oauth.client_secret, to(host));
  return clientCredentials({ fetch, url, oauth, clientSecret });
}
