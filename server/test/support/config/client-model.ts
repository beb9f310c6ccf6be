// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import type { JsonValue } from '../../../src/capabilities/config/integrity/parse-strict.ts';

/** What a client makes of one entry: what it would start or call. */
export interface Understood {
  readonly name: string;
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly description?: string;
}

/** Gives the value of a variable: of an input where there is one, and a trap for every other name. */
export type Lookup = (name: string, fallback?: string) => string;

/** A client as its makers describe it, written apart from the renderers: how it expands texts, and what its entries mean. */
interface ClientModel {
  /** In the text of the file, before it is parsed. */
  file?(text: string, lookup: Lookup): string;
  /** In each parsed text of a document. */
  text?(text: string, lookup: Lookup, payload: Json): string;
  servers(payload: Json): [name: string, entry: Json][];
  /** The fields of an entry, where they are not `command`, `args`, `env`, `url`, `headers`. */
  entry?(entry: Json, lookup: Lookup): Partial<Understood>;
}

// biome-ignore lint/suspicious/noExplicitAny: each client has a form of its own
type Json = any;

const map = (root: string) => (payload: Json) => Object.entries(payload[root]) as [string, Json][];
/** A default may be expanded in its turn: no client is known not to. */
const shell = (text: string, lookup: Lookup): string =>
  text.replace(/\$\{([^}:]*)(?::-([^}]*))?[^}]*\}/g, (_, name: string, fallback?: string) =>
    lookup(name, fallback && shell(fallback, lookup)),
  );
const bare = (text: string, lookup: Lookup): string =>
  text.replace(
    /\$(?:(\w+)|\{([^}:]*)(?::-([^}]*))?[^}]*\})|%(\w*[A-Za-z_]\w*)%/g,
    (all, word, name, fallback, other) =>
      // `%20` and its like are octets of an address.
      other && /^[0-9]/.test(other) ? all : lookup(word ?? name ?? other, fallback && bare(fallback, lookup)),
  );
const env = (text: string, lookup: Lookup) =>
  text.replace(/\$\{(?:env:)?([^}]*)\}/g, (_, name: string) => lookup(name));
const common = { servers: map('mcpServers') };
/** Of which nobody has seen it expand anything: taken for one that expands what others do. */
const perhaps = { ...common, text: shell };

const clientModels: Readonly<Record<string, ClientModel>> = {
  'claude-code': { ...common, text: shell },
  'claude-desktop': perhaps,
  cline: perhaps,
  codex: {
    servers: map('mcp_servers'),
    entry: (entry, lookup) => ({
      env: { ...entry.env, ...Object.fromEntries((entry.env_vars ?? []).map((one: string) => [one, lookup(one)])) },
      headers: {
        ...entry.http_headers,
        ...Object.fromEntries(
          Object.entries(entry.env_http_headers ?? {}).map(([key, one]) => [key, lookup(one as string)]),
        ),
        ...(entry.bearer_token_env_var ? { Authorization: `Bearer ${lookup(entry.bearer_token_env_var)}` } : {}),
      },
    }),
  },
  continue: {
    servers: (payload) => payload.mcpServers.map((entry: Json) => [entry.name, entry]),
    text: (text, lookup) =>
      text
        .replace(/\$\{\{\s*secrets\.([^}]*?)\s*\}\}/g, (_, name: string) => lookup(name))
        .replace(/\$?\{\{([^}]*)\}\}/g, (_, name: string) => lookup(name)),
    entry: (entry) => ({ headers: entry.requestOptions?.headers ?? {} }),
  },
  'copilot-cli': { ...common, text: bare },
  'copilot-cloud-agent': { ...common, text: bare },
  'copilot-jetbrains': {
    servers: map('servers'),
    text: shell,
    entry: (entry) => ({ headers: entry.requestInit?.headers ?? {} }),
  },
  cursor: { ...common, text: env },
  'gemini-cli': { ...common, text: bare },
  'gemini-managed': { ...common, text: bare },
  goose: {
    servers: map('extensions'),
    text: shell,
    entry: (entry, lookup) => ({
      command: entry.cmd,
      url: entry.uri,
      env: { ...entry.envs, ...Object.fromEntries((entry.env_keys ?? []).map((one: string) => [one, lookup(one)])) },
    }),
  },
  'jetbrains-ai-assistant': perhaps,
  junie: perhaps,
  kiro: { ...common, text: shell },
  'lm-studio': perhaps,
  opencode: {
    servers: map('mcp'),
    file: (text, lookup) =>
      text
        .replace(/\{env:([^}]*)\}/g, (_, name: string) => lookup(name))
        .replace(/\{file:([^}]*)\}/g, (_, name: string) => lookup(name)),
    entry: (entry) => ({
      command: entry.command?.[0],
      args: entry.command?.slice(1) ?? [],
      env: entry.environment ?? {},
    }),
  },
  vscode: {
    servers: map('servers'),
    text: (text, lookup, { inputs = [] }) =>
      text.replace(/\$\{(?:input:)?([^}]*)\}/g, (_, name: string) =>
        lookup(name, inputs.find((one: Json) => one.id === name)?.default?.replace(/\$\{[^}]*\}/g, 'LEAK')),
      ),
  },
  windsurf: { ...common, text: env, entry: (entry) => ({ url: entry.serverUrl }) },
  zed: { ...perhaps, servers: map('context_servers') },
};

/** What the client would do with a text of ours, values filled in. */
export function understand(
  client: string,
  text: string,
  parse: (text: string) => JsonValue,
  lookup: Lookup,
): Understood[] {
  const model = clientModels[client];
  if (!model) throw new Error(`no model of ${client}`);
  const given = parse(model.file?.(text, lookup) ?? text) as Json;
  const payload = expanded(given, (one) => model.text?.(one, lookup, given) ?? one);
  return model.servers(payload).map(([name, entry]) => {
    const { command, args = [], cwd, env: variables = {}, url, headers = {}, description } = entry;
    const other = Object.entries(model.entry?.(entry, lookup) ?? {}).filter(([, value]) => value !== undefined);
    return { name, command, args, cwd, env: variables, url, headers, description, ...Object.fromEntries(other) };
  });
}

function expanded(value: Json, expand: (text: string) => string): Json {
  if (typeof value === 'string') return expand(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => expanded(item, expand));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [expand(key), expanded(member, expand)]));
}
