import { addressOf, type Fetch, requestJson } from './request.ts';
import type { Tools } from './tools.ts';

export interface ClientOptions {
  /** Where the server is, such as http://127.0.0.1:7410. */
  readonly url: string;
  /** A bearer token. */
  readonly token: string;
  /** Another `fetch`, for tests or for a proxy of your own. */
  readonly fetch?: Fetch;
}

/** A tool's input may be left out when none of its fields is required. */
type InputOf<Name extends keyof Tools> =
  Record<string, never> extends Tools[Name]['input'] ? [input?: Tools[Name]['input']] : [input: Tools[Name]['input']];

export interface Client {
  /** Calls a tool and answers its output; a failure is thrown as `TuttiError`. */
  call<Name extends keyof Tools>(name: Name, ...input: InputOf<Name>): Promise<Tools[Name]['output']>;
}

/** A client of one server. It holds no connection, so there is nothing to close. */
export function createClient(options: ClientOptions): Client {
  return {
    call: async (name, ...[input]) => (await callTool(options, name, input ?? {})) as Tools[typeof name]['output'],
  };
}

/** Calls a tool whose name is known only now. */
export function callTool(options: ClientOptions, name: string, input: object): Promise<unknown> {
  const url = addressOf(options.url, `tools/${encodeURIComponent(name)}`);
  return requestJson(options.fetch ?? fetch, url, {
    method: 'POST',
    headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}
