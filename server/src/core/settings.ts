import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { configSettings } from './config-settings.ts';
import { lakeSettings } from './lake-settings.ts';
import { opsSettings } from './ops-settings.ts';
import { orchestraSettings, orchestraVariables } from './orchestra-settings.ts';
import { count, flag, headerReferences, list, namedToolsets, ranges, reference, seconds } from './setting-types.ts';
import { otelVariables } from './telemetry/otel-variables.ts';
import { workflowsSettings } from './workflows-settings.ts';

const issuer = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => text.startsWith('https:') || (URL.canParse(text) && isLoopback(new URL(text).hostname)),
    'must be an https URL, unless it is on loopback',
  );
const otlpUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => URL.canParse(text) && !new URL(text).username && !new URL(text).password, {
    error: 'must hold no user or password: name them by telemetry.otlp_headers',
  });

/** Every setting of the server: name, meaning, default. A dot is a level of `tutti.yaml`. */
const schema = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default(defaultDataDir)
    .describe('Where everything is kept that is not in another database.'),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  port: count(0, 65535).default(7410).describe('Port to listen on; 0 takes a free one and prints it.'),
  behind_tls: flag.default(false).describe('TLS ends in front of this server. Needed for any address but loopback.'),
  allowed_hosts: list.default([]).describe('Host names, besides loopback, by which callers may address this server.'),
  public_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The URL by which callers reach this server, if it is not the address it listens on.'),
  database_url: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional()
    .describe('PostgreSQL to use instead of the embedded one: postgresql://…'),
  keys_dir: z
    .string()
    .min(1)
    .optional()
    .describe('Directory of the keys, which is only read: the same on all servers of a database.'),
  'worker.port': count(0, 65535)
    .optional()
    .describe(
      'Port on which tutti worker tells its health and figures, at host; 0 takes a free one. Without it, none.',
    ),
  log_level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
  max_body_bytes: count(1024, 64 * 2 ** 20)
    .default(4 * 2 ** 20)
    .describe('Largest body of a call, in bytes.'),
  toolsets: namedToolsets
    .optional()
    .describe('Only the tools of these toolsets, and those of system: the others are not there. By default all.'),
  read_only: flag
    .default(false)
    .describe(
      'The database is a replica, or may not be changed: tools that read are there, no jobs, and nothing is written.',
    ),
  'auth.remember_s': count(0, 86_400)
    .default(60)
    .describe(
      'Seconds for which a caller is known while the database is away, to read configurations: for so long a revoked token may still read them.',
    ),
  'mcp.read_only': flag.default(false).describe('The MCP endpoints show and take reading tools only.'),
  'metrics.public': flag.default(false).describe('Callers on this machine read /metrics without a token.'),
  'objects.max_bytes': count(1, 2 ** 43)
    .default(5 * 2 ** 30)
    .describe('Largest object that may be uploaded, in bytes.'),
  'objects.presign_ttl_s': count(1, 7 * 86_400)
    .default(900)
    .describe('Seconds that a presigned URL holds.'),
  'objects.s3_bucket': z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
    .optional()
    .describe('Bucket for objects, on any S3. Without it objects are files of the data directory.'),
  'objects.s3_endpoint': z
    .url({ protocol: /^https?$/ })
    .refine((text) => URL.canParse(text) && !new URL(text).username && !new URL(text).password, {
      error: 'must hold no keys: name them by objects.s3_access_key and objects.s3_secret_key',
    })
    .optional()
    .describe('URL of the S3 service, reached by this server and by whoever uploads. Without it, that of AWS.'),
  'objects.s3_region': z.string().min(1).default('us-east-1').describe('Region of the bucket.'),
  'objects.s3_prefix': z
    .string()
    .regex(/^([A-Za-z0-9_.-]+\/)*$/, 'must be empty or end with a slash, such as tutti/')
    .default('')
    .describe('What the keys of all objects begin with, such as tutti/.'),
  'objects.s3_path_style': flag
    .optional()
    .describe('The bucket stands in the path of URLs, not in the host name. By default so with objects.s3_endpoint.'),
  'objects.s3_access_key': reference
    .optional()
    .describe('Access key, as env:VARIABLE or file:/path. Without both keys, those of the AWS environment.'),
  'objects.s3_secret_key': reference.optional().describe('Secret key, as env:VARIABLE or file:/path.'),
  'objects.cache_bytes': count(0, 2 ** 43)
    .default(10 * 2 ** 30)
    .describe('Copies of objects on S3 that this server keeps for its engines, in bytes; those in use count on top.'),
  'jobs.concurrency': count(0, 256)
    .default(8)
    .describe('Jobs that run at once in this process; 0 leaves them to the others on the same database.'),
  'jobs.dead_after_s': count(2, 600)
    .default(15)
    .describe('Seconds without a heartbeat after which another process takes the jobs over.'),
  'jobs.drain_s': count(0, 600).default(10).describe('Seconds that a stop waits for running jobs.'),
  'jobs.keep_days': count(1, 3650).default(30).describe('Days that ended jobs are kept.'),
  'audit.keep_days': count(1, 36_500).default(400).describe('Days that audit entries are kept.'),
  'limits.calls_per_minute': count(1, 10_000_000)
    .default(600)
    .describe('Calls a minute and principal; twice as many may come at once after a pause.'),
  'limits.failed_auth_per_minute': count(1, 10_000_000)
    .default(30)
    .describe('Bad tokens a minute and remote address; twice as many may come at once after a pause.'),
  'egress.allow': ranges
    .default([])
    .describe('Addresses or ranges that this server may reach although they are not public, such as 10.1.0.0/16.'),
  'oidc.issuer': issuer.optional().describe('OpenID Connect issuer whose JWTs are taken besides our own tokens.'),
  'oidc.audience': list
    .default([])
    .describe('Audiences that a JWT may be for. By default the URLs of this server and of its MCP endpoints.'),
  'oidc.scope_claim': z
    .string()
    .default('scope')
    .describe('Claim with the scopes of a JWT. Empty: the grants of oidc.grants hold without any.'),
  'oidc.principal_claim': z.string().min(1).default('sub').describe('Claim that says who calls.'),
  'oidc.grants': list
    .default(['* => writer'])
    .describe('What bearers of a JWT may do at most: "* => reader" for all, "roles=team => lake:write" by a claim.'),
  'telemetry.otlp_url': otlpUrl
    .optional()
    .describe(
      'Where traces are sent, as OTLP/HTTP in JSON: http://127.0.0.1:4318/v1/traces. Without it there are none.',
    ),
  'telemetry.otlp_headers': headerReferences
    .default([])
    .describe('Headers for that address, their values by reference: authorization=file:/path, x-api-key=env:NAME.'),
  'telemetry.sample_ratio': z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Part of the traces that begin here which is kept, 0 to 1; a caller decides about its own.'),
  'telemetry.service_name': z.string().min(1).max(255).default('tutti').describe('The name of this service in traces.'),
  'events.keep_days': count(1, 3650).default(30).describe('Days that events are kept.'),
  'webhooks.retry_s': seconds
    .default([5, 300, 1800, 7200, 18_000, 36_000, 36_000])
    .describe('Seconds to wait before each further try of a delivery; after the last one it has failed.'),
  'webhooks.disable_after_days': count(1, 365)
    .default(5)
    .describe('Days without a delivery that succeeded after which a webhook is switched off.'),
  'webhooks.keep_days': count(1, 3650).default(30).describe('Days that deliveries and their attempts are kept.'),
  'webhooks.max_body_bytes': count(1024, 16 * 2 ** 20)
    .default(2 ** 20)
    .describe('Largest message that an incoming webhook takes, in bytes.'),
  ...lakeSettings,
  ...opsSettings,
  ...workflowsSettings,
  ...configSettings,
  ...orchestraSettings,
});

export type Settings = Readonly<z.output<typeof schema>> & {
  /** The file that some of them come from, where there is one. */
  readonly config_file?: string;
};

/** Variables of the same prefix that belong to the command line or the tests, not to the server. */
const notOurs = new Set(['TUTTI_URL', 'TUTTI_TOKEN', 'TUTTI_CONFIG']);

/** What a schema says of a value, without what only programmers know. */
function inOurWords(message = 'is not valid'): string {
  return message
    .replace('Invalid input: expected number, received NaN', 'a number is expected')
    .replace(/^Invalid input: /, '');
}

/** A bad or unknown setting. Its message is the sentence that the operator reads. */
export class SettingsError extends Error {}

/** Reads the settings: flags before `TUTTI_*` variables before `tutti.yaml` before defaults. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Settings {
  const { flags, variables, fromFile, file } = gather(args, env);
  const parsed = schema.safeParse({ ...fromFile, ...variables, ...flags });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SettingsError(`Setting ${settingName(issue)}: ${inOurWords(issue?.message)}.`);
  }
  const settings = {
    ...parsed.data,
    data_dir: path.resolve(parsed.data.data_dir),
    ...(existsSync(file) && { config_file: path.resolve(file) }),
  };
  if (settings['lake.indexes'] === 's3' && settings['objects.s3_bucket'] === undefined) {
    throw new SettingsError('Setting lake.indexes: s3 keeps them beside the objects, which needs objects.s3_bucket.');
  }
  if (!isLoopback(settings.host) && !settings.behind_tls) {
    throw new SettingsError(
      `Refusing to listen on ${settings.host} without TLS in front: put a TLS proxy there and set behind_tls, or keep host 127.0.0.1.`,
    );
  }
  if (settings.read_only && (settings.database_url === undefined || settings.keys_dir === undefined)) {
    throw new SettingsError(
      'Setting read_only: needs database_url, of the replica, and keys_dir, with the keys of the other servers.',
    );
  }
  if (settings['objects.s3_endpoint'] && !settings['objects.s3_bucket']) {
    throw new SettingsError('Setting objects.s3_endpoint: needs objects.s3_bucket as well.');
  }
  if (!settings['objects.s3_access_key'] !== !settings['objects.s3_secret_key']) {
    throw new SettingsError('Settings objects.s3_access_key and objects.s3_secret_key: give both, or neither.');
  }
  const serversDir = settings['workflows.servers_dir'];
  if (serversDir !== undefined && !path.relative(settings.data_dir, path.resolve(serversDir)).startsWith('..')) {
    throw new SettingsError(
      'Setting workflows.servers_dir: must not be in the data directory, which servers never see.',
    );
  }
  if (!settings['lake.s3_access_key'] !== !settings['lake.s3_secret_key']) {
    throw new SettingsError('Settings lake.s3_access_key and lake.s3_secret_key: give both, or neither.');
  }
  const [, keyVariable = ''] = /^env:(.+)$/.exec(settings['orchestra.api_key'] ?? '') ?? [];
  if (env[keyVariable]?.trim().startsWith('op://')) {
    throw new SettingsError(
      `${keyVariable} is a reference to 1Password, which this server does not read: start it by op run, as scripts/launch-orchestra-mcp.sh does.`,
    );
  }
  return settings;
}

/** A variable of this process's environment, for a secret that the operator named by it. */
export function readVariable(name: string): string | undefined {
  return process.env[name];
}

/** Where each setting that is not a default comes from: `flag`, `variable`, or the file. */
export function settingSources(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const { flags, variables, fromFile, file } = gather(args, env);
  const from = (values: Record<string, unknown>, source: string) =>
    Object.fromEntries(Object.keys(values).map((name) => [name, source]));
  return { ...from(fromFile, file), ...from(variables, 'variable'), ...from(flags, 'flag') };
}

function gather(args: readonly string[], env: NodeJS.ProcessEnv) {
  const { config, ...flags } = readFlags(args);
  const variables = { ...otelVariables(env), ...orchestraVariables(env), ...readVariables(env) };
  const dataDir = flags.data_dir ?? variables.data_dir ?? defaultDataDir();
  const given = config ?? env.TUTTI_CONFIG;
  const file = given ?? path.join(String(dataDir), 'tutti.yaml');
  return { flags, variables, file, fromFile: given !== undefined || existsSync(file) ? readFile(file) : {} };
}

/** Name, variable, flag, meaning and default of every setting, for help and documentation. */
export function describeSettings(): {
  name: string;
  variable: string;
  flag: string;
  description: string;
  default: unknown;
}[] {
  const defaults: Record<string, unknown> = schema.parse({});
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    variable: `TUTTI_${name.replace('.', '_').toUpperCase()}`,
    flag: flagOf(name),
    description: field.description ?? '',
    default: name === 'data_dir' ? undefined : defaults[name],
  }));
}

function defaultDataDir(): string {
  if (process.getuid?.() === 0) return '/var/lib/tutti';
  return path.join(process.env.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share'), 'tutti');
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function flagOf(name: string): string {
  return name.replace(/[._]/g, '-');
}

/** Flags that stand without a value. */
const switches = new Set(['behind_tls', 'read_only', 'mcp.read_only', 'metrics.public', 'orchestra.allow_writes']);

function readFlags(args: readonly string[]): Record<string, unknown> & { config?: string } {
  const options: Record<string, { type: 'string' | 'boolean' }> = { config: { type: 'string' } };
  const names = new Map<string, string>([['config', 'config']]);
  for (const name of Object.keys(schema.shape)) {
    options[flagOf(name)] = { type: switches.has(name) ? 'boolean' : 'string' };
    names.set(flagOf(name), name);
  }
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true });
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [names.get(key) ?? key, value]));
  } catch (error) {
    throw new SettingsError(`${(error as Error).message.split('. ')[0]}. See: tutti serve --help`);
  }
}

function readVariables(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const names = new Map(
    Object.keys(schema.shape).map((name) => [`TUTTI_${name.replace('.', '_').toUpperCase()}`, name]),
  );
  const found: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('TUTTI_') || notOurs.has(variable)) continue;
    const name = names.get(variable);
    if (name === undefined) throw new SettingsError(`Unknown variable ${variable}. See: tutti serve --help`);
    found[name] = value;
  }
  return found;
}

function readFile(file: string): Record<string, unknown> {
  try {
    return flatten(parseYaml(readFileSync(file, 'utf8')) ?? {});
  } catch (error) {
    throw new SettingsError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

/** `{lake: {roots: […]}}` → `{'lake.roots': […]}`. */
function flatten(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.entries(member).map(([inner, leaf]) => [`${key}.${inner}`, leaf])
        : [[key, member]],
    ),
  );
}

function settingName(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return [...issue.path, issue.keys.join(', ')].join('.');
  return issue?.path.join('.') ?? '';
}
