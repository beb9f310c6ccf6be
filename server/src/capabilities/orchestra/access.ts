import path from 'node:path';
import type { Connection as CallerConnection } from '../../core/auth/connection.ts';
import type { Principal } from '../../core/auth/principal.ts';
import { sha256 } from '../../core/canonical.ts';
import { AppError } from '../../core/errors.ts';
import { readReference } from '../../core/secrets.ts';
import type { Settings } from '../../core/settings.ts';
import { createOrchestraClient, type OrchestraClient } from './client/client.ts';
import { type Connection, connectionOf } from './client/connection.ts';
import type { OrchestraApi } from './client/orchestra-api.ts';

/** Who asks Orchestra, and until when. */
export interface Asker {
  /** Left out where nobody asks; that of a job has the connection that began it only as long as that is there. */
  readonly principal?: Principal;
  readonly signal?: AbortSignal;
}

export interface OrchestraAccess {
  /**
   * The API for one call, by the key that the caller's connection brought along, else by the operator's. Throws
   * `ORCHESTRA_NOT_CONFIGURED`, saying what to set.
   */
  open(asker: Asker): Promise<OrchestraApi>;
  close(): Promise<void>;
}

/** A client and the connections that use it; the operator's own key counts as one. */
interface Shared {
  readonly client: OrchestraClient;
  readonly holders: Set<object>;
}

/** One client for each account, so that all who use its key pass one gate. It ends with the last connection that brought it. */
export function createOrchestraAccess(settings: Settings): OrchestraAccess {
  const operator = {};
  const shared = new Map<string, Shared>();
  return {
    async open({ principal, signal }) {
      const caller = principal?.connection;
      const own = caller && (await keyOf(caller.variables));
      caller?.ended.throwIfAborted();
      const baseUrl = settings['orchestra.api_base_url'];
      if (caller && own !== undefined) {
        const theirs = connectionOf(own, caller.variables.get('ORCHESTRA_API_BASE_URL') ?? baseUrl);
        return clientFor(theirs, caller).open(signal);
      }
      const reference = settings['orchestra.api_key'];
      const key = reference === undefined ? undefined : ((await readReference(reference)) ?? unreadable(reference));
      return clientFor(connectionOf(key, baseUrl), operator).open(signal);
    },
    async close() {
      await Promise.all([...shared.values()].map(({ client }) => client.close()));
    },
  };

  function clientFor(connection: Connection, holder: CallerConnection | object): OrchestraClient {
    const id = sha256([connection.baseUrl, connection.key]);
    const known = shared.get(id) ?? { client: clientOf(connection), holders: new Set() };
    shared.set(id, known);
    if (!known.holders.has(holder)) {
      known.holders.add(holder);
      if ('ended' in holder) holder.ended.addEventListener('abort', () => release(id, holder), { once: true });
    }
    return known.client;
  }

  function release(id: string, holder: object): void {
    const known = shared.get(id);
    if (!known?.holders.delete(holder) || known.holders.size > 0) return;
    shared.delete(id);
    void known.client.close();
  }

  function clientOf(connection: Connection): OrchestraClient {
    const pace = {
      inFlight: settings['orchestra.concurrency'],
      deadlineMs: settings['orchestra.timeout_s'] * 1000,
      baseMs: settings['orchestra.backoff_ms'],
    };
    return createOrchestraClient(connection, { allow: settings['egress.allow'] }, pace);
  }
}

/** The key among a connection's variables; undefined where it brought none. A base URL alone never gets another's key. */
async function keyOf(variables: CallerConnection['variables']): Promise<string | undefined> {
  const key = variables.get('ORCHESTRA_API_KEY');
  const file = variables.get('ORCHESTRA_API_KEY_FILE');
  if (key !== undefined || file === undefined) return key;
  const reference = `file:${file}`;
  // Another process's working directory means nothing here.
  return (path.isAbsolute(file) ? await readReference(reference) : undefined) ?? unreadable(reference);
}

function unreadable(reference: string): never {
  throw new AppError(
    'ORCHESTRA_NOT_CONFIGURED',
    `There is no API key for Orchestra in ${reference.startsWith('env:') ? reference.slice(4) : 'the file that is to hold it'}.`,
    'Have the operator set ORCHESTRA_API_KEY or ORCHESTRA_API_KEY_FILE where the server is started.',
  );
}
