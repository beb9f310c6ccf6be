import type { Value as SentValue } from '../../../../node_modules/weaviate-client/dist/node/esm/proto/v1/properties.js';
import type { SearchRequest } from '../../../../node_modules/weaviate-client/dist/node/esm/proto/v1/search_get.js';
import { type Fault, takeFault } from './faults.ts';
import { matcher } from './filter.ts';
import { putObject } from './objects.ts';
import { type CallContext, grpc, WeaviateDefinition } from './proto.ts';
import { findObjects, type Match } from './search.ts';
import { collectionOf, Refusal, type State, type StoredCollection } from './state.ts';

const maxMessage = 104_858_000;
const mostDeleted = 10_000;
const { ServerError, Status } = grpc;

/** Starts the gRPC half; answers its port, behind which connections cannot be broken: that is for who stands before it. */
export async function startGrpc(state: State, breakConnections: () => void) {
  const server = grpc.createServer({
    'grpc.max_receive_message_length': maxMessage,
    'grpc.max_send_message_length': maxMessage,
  });
  const call =
    <I, O>(name: string, answer: (input: I) => O) =>
    async (input: I, context: CallContext): Promise<O> => {
      state.calls[name] = (state.calls[name] ?? 0) + 1;
      if (state.apiKey !== undefined && context.metadata.get('authorization') !== `Bearer ${state.apiKey}`)
        throw new ServerError(Status.UNAUTHENTICATED, 'unauthorized: invalid api key, please provide a valid api key');
      const fault = takeFault(state, name, ['unavailable', 'exhausted', 'drop', 'hang']);
      if (fault) await suffer(fault, breakConnections);
      try {
        return answer(input);
      } catch (error) {
        throw error instanceof Refusal ? new ServerError(Status.UNKNOWN, error.message) : error;
      }
    };
  const absent = () => {
    throw new ServerError(Status.UNIMPLEMENTED, 'not simulated');
  };
  server.add(WeaviateDefinition, {
    search: call('search', (request: SearchRequest) => {
      const collection = collectionOf(state, request.collection);
      return { took: 0, results: findObjects(state, request).map((match) => toResult(collection, request, match)) };
    }),
    batchObjects: call('batchObjects', ({ objects }: { objects: readonly Parameters<typeof putObject>[1][] }) => ({
      took: 0,
      errors: objects.flatMap((object, index) => {
        try {
          const text = String(object.properties?.nonRefProperties?.text ?? '');
          if (takeFault(state, 'batchObjects', ['refuse'], text)) throw new Refusal('store is read-only');
          putObject(state, object);
          return [];
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return [{ index, error: error.message }];
        }
      }),
    })),
    batchDelete: call('batchDelete', ({ collection: name, filters, dryRun }: Parameters<typeof deleteObjects>[1]) =>
      deleteObjects(state, { collection: name, filters, dryRun }),
    ),
    aggregate: call('aggregate', ({ collection, filters }: Parameters<typeof deleteObjects>[1]) => {
      const found = collectionOf(state, collection);
      const matches = matcher(found, filters);
      return { took: 0, singleResult: { objectsCount: [...found.objects.values()].filter(matches).length } };
    }),
    batchReferences: absent,
    tenantsGet: absent,
    // biome-ignore lint/correctness/useYield: it never answers
    batchStream: async function* () {
      absent();
    },
  });
  const port = await server.listen('127.0.0.1:0');
  return { port, close: () => server.forceShutdown() };
}

async function suffer({ does }: Fault, breakConnections: () => void): Promise<void> {
  if (does === 'unavailable') throw new ServerError(Status.UNAVAILABLE, 'the instance is not ready');
  if (does === 'exhausted') throw new ServerError(Status.RESOURCE_EXHAUSTED, 'too much at once');
  if (does === 'drop') breakConnections();
  await new Promise(() => undefined);
}

function deleteObjects(
  state: State,
  {
    collection: name,
    filters,
    dryRun,
  }: { collection: string; filters: SearchRequest['filters']; dryRun?: boolean | undefined },
) {
  const { objects, ...collection } = collectionOf(state, name);
  if (!filters) throw new Refusal('a filter is needed');
  const found = [...objects.values()].filter(matcher({ objects, ...collection }, filters)).slice(0, mostDeleted);
  if (!dryRun) for (const { uuid } of found) objects.delete(uuid);
  return { took: 0, matches: found.length, successful: dryRun ? 0 : found.length, failed: 0, objects: [] };
}

function toResult(collection: StoredCollection, request: SearchRequest, { object, score, distance }: Match) {
  const { properties: asked, metadata } = request;
  const names =
    !asked || asked.returnAllNonrefProperties
      ? collection.definition.properties.map(({ name }) => name)
      : asked.nonRefProperties;
  const fields = names.map((name) => {
    const type = collection.definition.properties.find((property) => property.name === name)?.dataType[0];
    if (type === undefined) throw new Refusal(`no such property ${name}`);
    return [name, sent(type, object.properties[name])];
  });
  return {
    properties: { refProps: [], nonRefProps: { fields: Object.fromEntries(fields) }, refPropsRequested: false },
    metadata: {
      id: object.uuid,
      ...(metadata?.score && score !== undefined && { score, scorePresent: true }),
      ...(metadata?.distance && distance !== undefined && { distance, distancePresent: true }),
      vectors: (metadata?.vectors ?? []).flatMap((name) => {
        const vector = object.vectors[name];
        return vector ? [{ name, type: 1, vectorBytes: new Uint8Array(Float32Array.from(vector).buffer) }] : [];
      }),
    },
  };
}

function sent(type: string, value: unknown): Partial<SentValue> {
  if (value === undefined) return { nullValue: 0 };
  if (type === 'boolean') return { boolValue: value as boolean };
  if (type === 'number') return { numberValue: value as number };
  if (type === 'int') return { intValue: value as number };
  return type === 'date' ? { dateValue: value as string } : { textValue: value as string };
}
