import type { WeaviateClient } from 'weaviate-client';
import { AppError } from '../../../../core/errors.ts';
import { conceal, shortestSecret } from '../../../../core/redact.ts';
import { readReference } from '../../../../core/secrets.ts';
import type { Settings } from '../../../../core/settings.ts';
import { isUnauthenticated, refusal } from './refusal.ts';

type InstanceSettings = Settings['lake.weaviate'][number];

/** The Weaviate instances that the operator declared; callers only name them. */
export interface Instances {
  readonly names: readonly string[];
  /** Runs `work` on one, by default the first, whose refusals are told in our words. Throws VALIDATION_FAILED for an unknown one. */
  use<T>(name: string | undefined, signal: AbortSignal, work: (client: WeaviateClient) => Promise<T>): Promise<T>;
  /** Whether any of them answers now; what was found out holds for some seconds. */
  answer(): Promise<boolean>;
  close(): Promise<void>;
}

/** Seconds that a call may take; the client itself tries again within them what may pass. */
const timeout = { init: 5, query: 30, insert: 30 };
const oldest = [1, 29] as const;
const flagMs = 3000;

/**
 * Connects to each when it is first used, and loads the client only then. They are the operator's own endpoints, like our
 * database: the official client brings its own connections, so their hosts are not held against the ranges of egress.
 */
export function createInstances(settings: Settings): Instances {
  const declared = new Map(settings['lake.weaviate'].map((one) => [one.name, one]));
  const names = [...declared.keys()];
  const opened = new Map<string, Promise<WeaviateClient>>();
  let asked: { readonly until: number; readonly answer: Promise<boolean> } | undefined;

  function forget(name: string): void {
    const client = opened.get(name);
    opened.delete(name);
    client?.then((one) => one.close()).catch(() => undefined);
  }

  async function use<T>(name: string | undefined, signal: AbortSignal, work: (client: WeaviateClient) => Promise<T>) {
    const one = declared.get(name ?? (names[0] as string));
    if (!one) throw undeclared(names);
    try {
      const known = opened.get(one.name) ?? connect(one);
      opened.set(one.name, known);
      // What could not be reached is tried anew by the next one.
      known.catch(() => opened.delete(one.name));
      return await work(await known);
    } catch (error) {
      // The key may have been changed where it stands.
      if (isUnauthenticated(error)) forget(one.name);
      throw refusal(error, one.name, signal);
    }
  }

  const isReady = async (name: string) => {
    const signal = AbortSignal.timeout(flagMs);
    const late = new Promise<false>((resolve) => signal.addEventListener('abort', () => resolve(false)));
    const ready = use(name, signal, (client) => client.isReady()).catch(() => false);
    return Promise.race([ready, late]);
  };

  return {
    names,
    use,
    answer() {
      if (!asked || asked.until < Date.now()) {
        const answer = Promise.all(names.map(isReady)).then((all) => all.includes(true));
        asked = { until: Date.now() + 15_000, answer };
      }
      return asked.answer;
    },
    async close() {
      await Promise.allSettled([...opened.values()].map(async (client) => (await client).close()));
    },
  };
}

async function connect({ name, url, grpc_url, api_key }: InstanceSettings): Promise<WeaviateClient> {
  const key = api_key === undefined ? undefined : await readReference(api_key);
  if (api_key !== undefined && (key === undefined || key.length < shortestSecret)) throw unreadable(name);
  if (key !== undefined) conceal(key);
  const { default: weaviate } = await import('weaviate-client');
  const [http, grpc] = [new URL(url), new URL(grpc_url)];
  const client = await weaviate.connectToCustom({
    httpHost: http.hostname,
    httpPort: portOf(http),
    httpPath: http.pathname.replace(/\/+$/, ''),
    httpSecure: http.protocol === 'https:',
    grpcHost: grpc.hostname,
    grpcPort: portOf(grpc),
    grpcSecure: grpc.protocol === 'https:',
    ...(key !== undefined && { authCredentials: new weaviate.ApiKey(key) }),
    timeout,
    // Its own checks leave a connection behind when they fail.
    skipInitChecks: true,
  });
  try {
    // Before any collection is touched: without a known version the client asks for it by itself, and nobody hears it fail.
    const version = await client.getWeaviateVersion();
    if (!version.isAtLeast(...oldest, 0)) throw tooOld(name, version.show());
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

function undeclared(names: readonly string[]): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'The operator declared no such Weaviate instance.',
    `Use one of: ${names.join(', ')}; or leave options.instance out.`,
  );
}

function unreadable(name: string): AppError {
  return new AppError(
    'SECRET_UNUSABLE',
    `The key of the Weaviate instance ${name} cannot be read where the operator said it is.`,
    'Ask the operator to put lake.weaviate in order.',
  );
}

function tooOld(name: string, version: string): AppError {
  return new AppError(
    'ENGINE_FAILED',
    `The Weaviate instance ${name} is older than ${oldest.join('.')}.`,
    'Ask the operator to upgrade it.',
    { version },
  );
}
