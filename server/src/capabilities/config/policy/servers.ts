import type { NeutralConfig } from '../families/neutral.ts';
import { pointerOf } from '../families/neutral.ts';
import type { JsonValue } from '../integrity/parse-strict.ts';

/** What is judged: the neutral form, or a payload in a client's own. */
export type Subject = { readonly neutral: NeutralConfig } | { readonly payload: JsonValue };

export type Json = JsonValue;
export type JsonObject = { [name: string]: JsonValue };

/** Texts by name, with the place of the object that holds them. */
export interface Named {
  readonly pointer: string;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

/** A server as it stands in a document, wherever that is. */
export interface ServerView {
  readonly pointer: string;
  readonly name: string;
  /** Whether it is one of the neutral form, of which every field is known. */
  readonly neutral: boolean;
  readonly raw: JsonObject;
  readonly command: string | undefined;
  readonly args: readonly string[];
  /** The pointer to an argument. */
  readonly argAt: (index: number) => string;
  readonly env: Named;
  readonly headers: Named;
  readonly url: string | undefined;
  readonly urlPointer: string;
  /** A text as it is when nobody gives the inputs a value. */
  readonly resolve: (text: string) => string;
}

const keys = {
  command: ['command', 'cmd'],
  args: ['args', 'arguments'],
  env: ['env', 'environment', 'envs'],
  headers: ['headers', 'http_headers', 'requestInit'],
  url: ['url', 'serverUrl', 'httpUrl', 'uri', 'server_url', 'http_url', 'endpoint'],
} as const;
const mostServers = 2000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every server of a document: of the neutral form its list, of a payload whatever starts a command or has an address. */
export function serversOf(document: Json, neutral: boolean): ServerView[] {
  if (neutral) {
    const list = isObject(document) && Array.isArray(document.servers) ? document.servers : [];
    const resolve = defaultsOf(document);
    return list.flatMap((raw, at) => (isObject(raw) ? [view(raw, ['servers', String(at)], resolve)] : []));
  }
  const found: ServerView[] = [];
  const walk = (value: Json, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null || found.length >= mostServers) return;
    if (isObject(value) && isServer(value)) found.push(view(value, path));
    for (const [name, member] of Object.entries(value)) walk(member, [...path, name]);
  };
  walk(document, []);
  return found;
}

/** What texts of the neutral form say where nobody gives a value: its inputs may have one of their own. */
function defaultsOf(document: Json): (text: string) => string {
  const inputs = isObject(document) && Array.isArray(document.inputs) ? document.inputs.filter(isObject) : [];
  const defaults = new Map(inputs.map(({ id, default: value }) => [id, value]));
  return (text) =>
    text.replace(/\$\{input:([^}]*)\}/g, (whole, id: string) => {
      const value = defaults.get(id);
      return typeof value === 'string' ? value : whole;
    });
}

function isServer(value: JsonObject): boolean {
  const command = first(value, keys.command)?.[1];
  const url = first(value, keys.url)?.[1];
  return typeof command === 'string' || isTexts(command) || typeof url === 'string';
}

function view(raw: JsonObject, path: readonly string[], resolve?: (text: string) => string): ServerView {
  const [commandKey = 'command', command] = first(raw, keys.command) ?? [];
  const [argsKey = 'args', args] = first(raw, keys.args) ?? [];
  const [urlKey = 'url', url] = first(raw, keys.url) ?? [];
  const line = isTexts(command) ? command : undefined;
  const name = typeof raw.name === 'string' ? raw.name : (path.at(-1) ?? '');
  return {
    pointer: pointerOf(path),
    name,
    neutral: resolve !== undefined,
    resolve: resolve ?? ((text) => text),
    raw,
    command: line?.[0] ?? (typeof command === 'string' ? command : undefined),
    args: [...(line?.slice(1) ?? []), ...(Array.isArray(args) ? args.map(plain) : [])],
    argAt(index) {
      const inLine = line ? line.length - 1 : 0;
      return pointerOf(index < inLine ? [...path, commandKey, index + 1] : [...path, argsKey, index - inLine]);
    },
    env: named(raw, keys.env, path),
    headers: named(raw, keys.headers, path),
    url: typeof url === 'string' ? url : undefined,
    urlPointer: pointerOf([...path, urlKey]),
  };
}

function named(raw: JsonObject, names: readonly string[], path: readonly string[]): Named {
  const [key = names[0] ?? '', value] = first(raw, names) ?? [];
  const entries = isObject(value) ? Object.entries(value).map(([name, member]) => [name, plain(member)] as const) : [];
  return { pointer: pointerOf([...path, key]), entries };
}

function first(raw: JsonObject, names: readonly string[]): [string, Json] | undefined {
  const name = names.find((key) => Object.hasOwn(raw, key));
  return name === undefined ? undefined : [name, raw[name] ?? null];
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

function plain(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
