import semver from 'semver';
import { z } from 'zod';
import { inputId, type Problem, problemsOf } from '../families/neutral.ts';
import { baselineRules } from './baseline-rules.ts';
import { type Condition, ConditionError, compileCondition } from './cel/condition.ts';
import { type Fact, facts } from './facts.ts';
import { meaningless } from './meaningless.ts';
import type { Json } from './servers.ts';

const pattern = z.string().min(1).max(500);
const globs = z.union([pattern, z.array(pattern).min(1).max(500)]);
const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;
const ruleId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const condition = z.string().min(1).max(2000);
/** A pointer pattern; more than two `**` would look at a deep document over and over. */
const pathPattern = z
  .string()
  .max(500)
  .refine((text) => text === '' || text.startsWith('/'), 'A path begins with a slash.')
  .refine((text) => text.split('/').filter((step) => step === '**').length <= 2, 'A path has at most two `**`.');

/** Which things a rule is about. All that is given has to fit; of several patterns one. */
export const match = z.strictObject({
  server: globs.optional().describe('Names of servers.'),
  transport: globs.optional().describe('`stdio`, `http` or `sse`, of the neutral form.'),
  command: globs.optional().describe('A program that is started, by its bare name or its absolute path.'),
  package: globs.optional().describe('`registry:name` of a package that is fetched and run, such as `npm:mcp-remote`.'),
  versions: z
    .string()
    .max(200)
    .refine((range) => semver.validRange(range) !== null, 'It is no range of semantic versions.')
    .optional()
    .describe('A range of its versions.'),
  host: globs.optional().describe('The host of the address.'),
  url: globs.optional().describe('The address. `*` before the path stays before it.'),
  source: globs.optional().describe('The catalogue entry, `name@version`.'),
  fact: z
    .union([z.enum(Object.keys(facts) as [Fact]), z.array(z.enum(Object.keys(facts) as [Fact])).min(1)])
    .optional()
    .describe('What is told of a server.'),
  path: z
    .union([pathPattern, z.array(pathPattern).min(1).max(100)])
    .optional()
    .describe('For `on: path`: where.'),
  name: globs.optional().describe('The name of the variable, header, input or tool.'),
  value: globs.optional().describe('Its value, or the argument itself.'),
});

const base = {
  id: ruleId,
  version: z.int().min(1).max(1_000_000).default(1).describe('Rises when the rule changes.'),
  description: z.string().max(500).optional(),
  when: condition.optional().describe('A condition in CEL.'),
  message: z.string().max(500).optional().describe('What an author is told.'),
};
const onAny = z.enum(['server', 'env', 'header', 'arg', 'tool', 'input', 'path']);
const how = z
  .enum(['refuse', 'remove'])
  .optional()
  .describe('Whether a thing that is denied is refused or taken away; by default tools are taken away.');

const rule = z.discriminatedUnion('action', [
  z.strictObject({ ...base, action: z.literal('allow'), on: onAny, match: match.default({}), how }),
  z.strictObject({ ...base, action: z.literal('deny'), on: onAny, match: match.default({}), how }),
  z.strictObject({
    ...base,
    action: z.literal('pin'),
    on: z.enum(['server', 'path']),
    match,
    to: z.strictObject({
      version: z.string().min(1).max(100).optional(),
      sha256: z
        .string()
        .regex(/^[a-f0-9]{64}$/)
        .optional(),
      value: json.optional(),
    }),
  }),
  z.strictObject({
    ...base,
    action: z.literal('redact'),
    on: z.enum(['env', 'header', 'arg', 'path']),
    match,
    to: z
      .strictObject({
        input: inputId.optional().describe("The input; by default made of the server's name and its own."),
        text: z.string().max(500).optional().describe('For a payload: how its client writes the reference.'),
      })
      .default({}),
  }),
  z.strictObject({
    ...base,
    action: z.literal('require'),
    on: z.enum(['config', 'server', 'env', 'header', 'arg', 'input', 'path']),
    match: match.default({}),
    fields: z
      .array(z.string().regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/))
      .min(1)
      .max(50)
      .optional(),
    that: condition.optional().describe('What has to hold, in CEL.'),
  }),
  z.strictObject({
    ...base,
    action: z.literal('default'),
    on: z.enum(['server', 'path']),
    match: match.default({}),
    set: json,
  }),
]);

const context = z.strictObject({
  client: z
    .strictObject({
      id: z.string().max(100),
      version: z.string().max(100).optional(),
      form: z.enum(['neutral', 'opaque']).optional(),
    })
    .optional(),
  profile: z.string().max(100).optional(),
  tags: z.array(z.string().max(100)).max(100).optional(),
  claims: z.record(z.string().max(100), json).optional(),
  now: z.iso.datetime().optional(),
});

const test = z.strictObject({
  name: z.string().min(1).max(200),
  neutral: json.optional(),
  payload: json.optional(),
  context: context.optional(),
  expect: z.strictObject({
    ok: z.boolean().optional(),
    denied: z.array(ruleId).optional().describe('The rules that refuse, in any order.'),
    unmet: z.array(ruleId).optional(),
    effects: z.array(ruleId).optional().describe('The rules that changed something, in any order.'),
    result: json.optional(),
  }),
});

const ignored = z.strictObject({ path: pathPattern, rule: z.string().min(1).max(200) });

/** A policy set as it is written. */
export const policyDocument = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/),
  version: z.int().min(1).max(1_000_000),
  title: z.string().max(200).optional(),
  description: z.string().max(2000).optional(),
  extends: z.literal('baseline@1').optional().describe('The built-in set, whose rules come first.'),
  without: z.array(ruleId).max(100).optional().describe('Rules of the built-in set that do not count here.'),
  rules: z.array(rule).max(500),
  tests: z.array(test).max(500).default([]),
  secrets: z
    .strictObject({ ignore: z.array(ignored).max(200) })
    .optional()
    .describe('Findings of the secret scan that are none.'),
});

export type PolicyDocument = z.output<typeof policyDocument>;
export type Rule = z.output<typeof rule>;
export type Match = z.output<typeof match>;
export type PolicyTest = z.output<typeof test>;
export type RuleOf<A extends Rule['action']> = Extract<Rule, { action: A }>;

/** A policy set that can be evaluated; its rules are those of the set that it extends, and its own. */
export interface PolicySet extends PolicyDocument {
  /** `when` and `that` of its rules, compiled. */
  readonly conditions: ReadonlyMap<string, Condition>;
}

/** `name@version`, which an artifact records. */
export function policySetId({ name, version }: Pick<PolicyDocument, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

/** Reads a policy set: its shape, its conditions, and what no rule of that kind can mean. With problems there is no set. */
export function parsePolicySet(value: unknown): { set?: PolicySet; problems: Problem[] } {
  const parsed = policyDocument.safeParse(value);
  if (!parsed.success) return { problems: problemsOf(parsed.error) };
  const document = parsed.data;
  const problems: Problem[] = [];
  const say = (pointer: string, message: string) => problems.push({ pointer, message, severity: 'error' });
  const builtIn = document.extends === undefined ? [] : z.array(rule).parse(baselineRules);
  for (const [at, id] of (document.without ?? []).entries())
    if (!builtIn.some((one) => one.id === id)) say(`/without/${at}`, `The set that it extends has no rule ${id}.`);
  const kept = builtIn.filter(({ id }) => !document.without?.includes(id));
  const seen = new Set(kept.map(({ id }) => id));
  for (const [at, one] of document.rules.entries()) {
    if (seen.has(one.id)) say(`/rules/${at}/id`, `Another rule has the id ${one.id}.`);
    seen.add(one.id);
    for (const [field, message] of meaningless(one)) say(`/rules/${at}/${field}`, message);
  }
  const rules = [...kept, ...document.rules];
  const conditions = compiled(rules, (at, message) => say(`/rules/${at - kept.length}`, message));
  return problems.length > 0 ? { problems } : { set: { ...document, rules, conditions }, problems };
}

function compiled(rules: readonly Rule[], say: (at: number, message: string) => void): Map<string, Condition> {
  const conditions = new Map<string, Condition>();
  for (const [at, one] of rules.entries()) {
    for (const text of [one.when, one.action === 'require' ? one.that : undefined]) {
      if (text === undefined || conditions.has(text)) continue;
      try {
        conditions.set(text, compileCondition(text));
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        say(at, error.message);
      }
    }
  }
  return conditions;
}
