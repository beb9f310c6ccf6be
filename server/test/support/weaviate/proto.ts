import { createRequire } from 'node:module';

type Messages = typeof import('../../../../node_modules/weaviate-client/dist/node/esm/proto/v1/base.js');

/** The messages and the service as the official client has them: compiled from Weaviate's own definitions. */
const client = import.meta.resolve('weaviate-client');
const load = <T>(file: string): Promise<T> => import(new URL(`./proto/v1/${file}.js`, client).href) as Promise<T>;

export const { WeaviateDefinition } =
  await load<typeof import('../../../../node_modules/weaviate-client/dist/node/esm/proto/v1/weaviate.js')>('weaviate');
export const { Filters_Operator: Operator } = await load<Messages>('base');

/** What is used of the gRPC library of that client, which is no dependency of ours. */
interface Grpc {
  createServer(options: object): {
    add(definition: object, implementation: object): void;
    listen(address: string): Promise<number>;
    forceShutdown(): void;
  };
  readonly ServerError: new (code: number | undefined, details: string) => Error;
  readonly Status: Readonly<Record<string, number>>;
}

export interface CallContext {
  readonly metadata: { get(key: string): string | undefined };
}

export const grpc = createRequire(client)('nice-grpc') as Grpc;
