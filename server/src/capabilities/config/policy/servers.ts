import type { NeutralConfig } from '../families/neutral.ts';
import { pointerOf } from '../families/neutral.ts';
import type { JsonValue } from '../integrity/parse-strict.ts';
import { BudgetError } from './cel/meter.ts';

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
  /** It names one thing by several keys, of which its client reads one. */
  readonly saidTwice: () => boolean;
  /** A text as it is when nobody gives the inputs a value. */
  readonly resolve: (text: string) => string;
}

const keys = {
  command: ['command', 'cmd'],
  args: ['args', 'arguments'],
  env: ['env', 'environment', 'envs'],
  headers: ['headers', 'http_headers'],
  url: ['url', 'serverUrl', 'httpUrl', 'uri', 'server_url', 'http_url', 'endpoint'],
} as const;
/** Objects that hold the headers in some clients. */
const aroundHeaders = ['requestInit', 'requestOptions'];
const kinds: readonly (readonly string[])[] = [...Object.values(keys), [...keys.headers, ...aroundHeaders]];
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
    if (typeof value !== 'object' || value === null) return;
    if (isObject(value) && isServer(value)) found.push(view(value, path));
    if (found.length > mostServers) throw new BudgetError('It has too many servers to judge them all.');
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
  return [...keysIn(value, keys.command), ...keysIn(value, keys.url)].some((key) => {
    const said = value[key];
    return typeof said === 'string' || (Array.isArray(said) && said.length > 0);
  });
}

function view(raw: JsonObject, path: readonly string[], resolve?: (text: string) => string): ServerView {
  const [commandKey, command] = first(raw, keys.command);
  const [argsKey, args] = first(raw, keys.args);
  const [urlKey, url] = first(raw, keys.url);
  const line = Array.isArray(command) ? command.map(plain) : undefined;
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
    headers: headersOf(raw, path),
    url: typeof url === 'string' ? url : undefined,
    urlPointer: pointerOf([...path, urlKey]),
    saidTwice: () => kinds.some((names) => keysIn(raw, names).length > 1),
  };
}

function headersOf(raw: JsonObject, path: readonly string[]): Named {
  const [around, holder] = first(raw, aroundHeaders);
  if (!isObject(holder) || keysIn(raw, keys.headers).length > 0) return named(raw, keys.headers, path);
  return named(holder, keys.headers, [...path, around]);
}

function named(raw: JsonObject, names: readonly string[], path: readonly string[]): Named {
  const [key, value] = first(raw, names);
  const entries = isObject(value) ? Object.entries(value).map(([name, member]) => [name, plain(member)] as const) : [];
  return { pointer: pointerOf([...path, key]), entries };
}

/** The key by which an object says a thing, or would say it, and what it says. */
function first(raw: JsonObject, names: readonly string[]): [key: string, value: Json | undefined] {
  const [key] = keysIn(raw, names);
  return key === undefined ? [names[0] ?? '', undefined] : [key, raw[key]];
}

/** The keys of an object that are among these names, in their order and in any case: some clients read them so. */
function keysIn(raw: JsonObject, names: readonly string[]): string[] {
  const found: string[] = [];
  for (const key of Object.keys(raw)) if (names.some((name) => sameName(name, key))) found.push(key);
  if (found.length < 2) return found;
  return names.flatMap((name) => found.filter((key) => sameName(name, key)));
}

function sameName(name: string, key: string): boolean {
  return name === key || (name.length === key.length && name.toLowerCase() === key.toLowerCase());
}

function plain(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
