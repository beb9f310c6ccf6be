import { z } from 'zod';
import { count, namedList } from './setting-types.ts';

/** Where a credential stands: a secret that was granted, or a place only the operator may name. Never the value. */
const credential = z
  .string()
  .regex(
    /^(secret:[a-z0-9][a-z0-9_.-]{0,63}|env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+)$/,
    'must be secret:name, env:VARIABLE or file:/path, never the value',
  );
const serverUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => URL.canParse(text) && !new URL(text).username && !new URL(text).password, {
    error: 'must hold no user or password: name the credential by bearer or oauth',
  });
const oauthClient = z.strictObject({
  client_id: z.string().min(1).max(500),
  client_secret: credential,
  /** Without it, it is found as MCP's rules for authorisation say. */
  token_url: serverUrl.optional(),
  scope: z.string().min(1).max(1000).optional(),
  /** RFC 8707; by default the URL of the server. */
  resource: z.string().min(1).max(2000).optional(),
});

/** An MCP server whose tools workflows may call: a command of this machine, or a URL. */
export const downstreamServer = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a short name such as mail: small letters, digits and dashes')
      .refine((name) => name !== 'tutti', 'must be another name: tutti stands for our own tools'),
    command: z.string().min(1).max(4096).optional(),
    args: z.array(z.string().max(8192)).max(200).default([]),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable'), z.string().max(32_768))
      .default({}),
    isolation: z.enum(['full', 'none']).default('full'),
    memory_mb: z.number().int().min(64).max(1_048_576).default(4096),
    url: serverUrl.optional(),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header'), z.string().max(8192))
      .default({}),
    bearer: credential.optional(),
    oauth: oauthClient.optional(),
    concurrency: z.number().int().min(1).max(256).default(8),
    timeout_s: z.number().min(0.1).max(86_400).default(60),
    max_timeout_s: z.number().min(0.1).max(86_400).default(600),
    connect_timeout_s: z.number().min(0.1).max(120).default(10),
    max_answer_mb: z.number().min(0.01).max(256).default(16),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), 'needs either command or url')
  .refine(
    ({ command, headers, bearer, oauth }) =>
      command === undefined || (bearer === undefined && oauth === undefined && Object.keys(headers).length === 0),
    'takes headers, bearer and oauth with a url only',
  )
  .refine(
    ({ url, args, env, isolation }) =>
      url === undefined || (args.length === 0 && Object.keys(env).length === 0 && isolation === 'full'),
    'takes args, env and isolation with a command only',
  )
  .refine(({ bearer, oauth }) => bearer === undefined || oauth === undefined, 'takes bearer or oauth, not both');

export type DownstreamServer = z.output<typeof downstreamServer>;

/** The settings of the capability `workflows`. */
export const workflowsSettings = {
  'workflows.concurrency': count(0, 10_000)
    .default(100)
    .describe('Workflow runs at work at once in this process; those that wait take no place. 0 leaves them to others.'),
  'workflows.servers': namedList(downstreamServer)
    .default([])
    .describe(
      'MCP servers whose tools workflows may call: name, then command, args, env, or url, headers, bearer, oauth; more in docs/downstream.md.',
    ),
  'workflows.servers_dir': z
    .string()
    .min(1)
    .optional()
    .describe('Where servers that are commands have their working directories. By default <data_dir>-servers.'),
  'workflows.default': z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the name of a workflow')
    .optional()
    .describe('Workflow that run_pipeline runs when its caller names none.'),
  'workflows.keep_days': count(1, 3650)
    .default(90)
    .describe('Days after which an ended run is removed, with its history.'),
  'workflows.max_run_days': count(1, 366)
    .default(30)
    .describe('Days that a run may take in all, its waits and approvals included.'),
  'workflows.max_queued': count(1, 100_000)
    .default(1000)
    .describe('Runs of one workflow that may wait for room; further ones are refused.'),
};
