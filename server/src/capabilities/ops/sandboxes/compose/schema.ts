import { z } from 'zod';
import { type Issue, Refused } from './read-yaml.ts';

const plainName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must be of small letters, digits, dashes and underscores');
const text = z.string().max(65_536);
const words = z.union([text, z.array(text).max(200)]);
const scalar = z.union([text, z.number(), z.boolean()]);
const size = z.union([z.string().max(20), z.number()]);
const duration = z.string().regex(/^(\d{1,6}(\.\d{1,3})?(us|ms|s|m|h))+$/, 'must be a time such as 10s');
const empty = z.union([z.null(), z.strictObject({})]);

const environment = z.union([
  z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, 'must be the name of a variable'), scalar),
  z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,127}=/, 'must be NAME=value: a name alone would take the value of the host'),
    )
    .max(200),
]);

const port = z.union([
  z.number(),
  z.string().max(100),
  z.strictObject({
    target: z.union([z.number(), z.string().max(10)]),
    published: z.union([z.number(), z.string().max(10)]).optional(),
    protocol: z.string().max(10).optional(),
    host_ip: z.string().max(50).optional(),
    mode: z.string().max(10).optional(),
    name: z.string().max(100).optional(),
  }),
]);

const volume = z.union([
  z.string().max(1200),
  z.strictObject({
    type: z.string().max(20),
    source: z.string().max(512).optional(),
    target: z.string().max(512),
    read_only: z.boolean().optional(),
    volume: empty.optional(),
    tmpfs: z.union([z.null(), z.strictObject({ size: size.optional(), mode: z.number().optional() })]).optional(),
  }),
]);

const dependsOn = z.union([
  z.array(plainName).max(20),
  z.record(
    plainName,
    z.strictObject({
      condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      required: z.literal(true).optional(),
    }),
  ),
]);

const healthcheck = z.strictObject({
  test: words.optional(),
  interval: duration.optional(),
  timeout: duration.optional(),
  start_period: duration.optional(),
  retries: z.int().min(1).max(1000).optional(),
  disable: z.boolean().optional(),
});

const networksOf = z.union([
  z.array(plainName).max(10),
  z.record(plainName, z.union([empty, z.strictObject({ aliases: z.array(plainName).max(10).optional() })])),
]);

const user = z
  .string()
  .regex(/^[a-z0-9_][a-z0-9_-]{0,31}(:[a-z0-9_][a-z0-9_-]{0,31})?$/, 'must be a user, or user:group');

const service = z.strictObject({
  image: z
    .string()
    .max(256)
    .regex(/^[a-z0-9][A-Za-z0-9._/:@-]*$/, 'must be the name of an image'),
  command: words.nullish(),
  entrypoint: words.nullish(),
  environment: environment.nullish(),
  expose: z
    .array(z.union([z.number(), z.string().regex(/^\d{1,5}(\/(tcp|udp))?$/)]))
    .max(50)
    .optional(),
  ports: z.array(port).max(50).optional(),
  volumes: z.array(volume).max(50).optional(),
  tmpfs: words.optional(),
  depends_on: dependsOn.optional(),
  healthcheck: healthcheck.optional(),
  networks: networksOf.nullish(),
  user: z.union([user, z.number().int().min(0).max(65_535).transform(String)]).optional(),
  working_dir: z
    .string()
    .regex(/^\/[A-Za-z0-9_@+./-]*$/, 'must be a plain absolute path')
    .optional(),
  read_only: z.boolean().optional(),
  init: z.boolean().optional(),
  tty: z.boolean().optional(),
  stdin_open: z.boolean().optional(),
  mem_limit: size.optional(),
  shm_size: size.optional(),
  cpus: z.union([z.number(), z.string().regex(/^\d{1,4}(\.\d{1,3})?$/)]).optional(),
  pids_limit: z.int().optional(),
  stop_grace_period: duration.optional(),
  stop_signal: z
    .string()
    .regex(/^SIG[A-Z0-9]{2,10}$/)
    .optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  cap_drop: z.array(z.string().max(40)).max(50).optional(),
  cap_add: z.array(z.string().max(40)).max(50).optional(),
  security_opt: z
    .array(z.enum(['no-new-privileges:true', 'no-new-privileges']))
    .max(2)
    .optional(),
});

const network = z.union([
  z.null(),
  z.strictObject({
    name: z.string().max(200).optional(),
    driver: z.literal('bridge').optional(),
    internal: z.boolean().optional(),
    ipam: empty.optional(),
  }),
]);

const declaredVolume = z.union([z.null(), z.strictObject({ name: z.string().max(200).optional() })]);

const schema = z.strictObject({
  version: z.string().max(10).optional(),
  name: z.string().max(200).optional(),
  services: z
    .record(plainName, service)
    .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= 20, 'must be 1 to 20'),
  networks: z.record(plainName, network).nullish(),
  volumes: z.record(plainName, declaredVolume).nullish(),
});

/** A compose document, of what is taken of them here. */
export type ComposeDocument = z.output<typeof schema>;
export type ComposeService = z.output<typeof service>;

/**
 * Reads a compose document by a closed list: what is not on it is refused with its path, so that nothing is run that nobody thought
 * of. What the listed keys may say is the matter of the policy. Throws Refused.
 */
export function readDocument(value: unknown): ComposeDocument {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refused(parsed.error.issues.flatMap((issue) => describe(issue, [])).slice(0, 20));
}

type ZodIssue = z.core.$ZodIssue;

function describe(issue: ZodIssue, above: readonly PropertyKey[]): Issue[] {
  const at = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pathOf([...at, key]), message: 'is not taken here' }));
  if (issue.code === 'invalid_key') return [{ path: pathOf(at), message: issue.issues[0]?.message ?? 'is no name' }];
  if (issue.code === 'invalid_union') {
    // Of the forms that a value may have, the one that came furthest says most.
    const forms = issue.errors.map((errors) => errors.flatMap((error) => describe(error, at)));
    const deepest = forms.sort((a, b) => depthOf(b) - depthOf(a))[0];
    if (deepest && deepest.length > 0) return deepest;
  }
  return [{ path: pathOf(at), message: issue.message.replace(/^Invalid input: /, '').slice(0, 200) }];
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.split('.').length));
}

function pathOf(parts: readonly PropertyKey[]): string {
  return parts.map((part) => String(part).slice(0, 60)).join('.');
}
