// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import { expect, it } from 'vitest';
import type { NeutralConfig } from '../families/neutral.ts';
import { parseNeutral } from '../families/neutral.ts';
import type { JsonValue } from '../integrity/parse-strict.ts';
import { baseline } from './baseline.ts';
import { type PolicySet, parsePolicySet } from './document.ts';
import { evaluate, judge } from './evaluate.ts';
import { context } from './policy-test-support.ts';

const some = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const few = <T>(one: fc.Arbitrary<T>, maxLength = 3) => fc.array(one, { maxLength });
const name = some('github', 'files', 'docs');
const tool = some('get_repo', 'delete_repo', 'list_repos', 'drop_table');
const text = some('x', 'a b', '${input:token}', 'Bearer abc', '--key=v', 'literal');
const env = fc.dictionary(some('A_TOKEN', 'LOG_LEVEL', 'TZ', 'path'), text, { maxKeys: 3 });

const server = fc
  .record({
    name,
    local: fc.boolean(),
    command: some('npx', 'node', '/usr/bin/env', 'docker'),
    args: few(some('-y', 'server@1.0.0', 'server', 'npx', '--key=v', 'run', 'mcp/x')),
    env: fc.option(env, { nil: undefined }),
    tools: fc.option(fc.record({ allow: few(tool), deny: few(tool) }, { requiredKeys: [] }), { nil: undefined }),
    timeout_ms: fc.option(some(500, 60_000), { nil: undefined }),
  })
  .map(
    ({ local, command, args, env: variables, ...rest }) =>
      JSON.parse(
        JSON.stringify(
          local
            ? { ...rest, transport: 'stdio', command, args, env: variables }
            : { ...rest, transport: 'http', url: 'https://a.example/mcp', headers: variables },
        ),
      ) as NeutralConfig['servers'][number],
  );

const config = fc.uniqueArray(server, { maxLength: 3, selector: (one) => one.name }).map(
  (servers): NeutralConfig => ({
    inputs: [{ id: 'token', description: 'A token.' }],
    servers,
  }),
);

const when = fc.option(
  some('profile == "prod"', 'has(server.timeout_ms)', 'server.transport == "http"', 'size(servers) > 1'),
  { nil: undefined },
);
const how = fc.option(some('refuse', 'remove'), { nil: undefined });
const rules = fc.oneof(
  fc.record({
    action: some('deny', 'allow'),
    on: some('tool'),
    match: fc.record({ server: name, name: some('delete_repo', 'drop_*', 'get_repo') }),
    how,
  }),
  fc.record({
    action: some('deny', 'allow'),
    on: some('env', 'header'),
    match: fc.record({ name: some('*_TOKEN', 'LOG_*', '*') }),
    how,
  }),
  fc.record({ action: some('deny'), on: some('server'), match: fc.record({ command: some('npx', 'docker') }), how }),
  fc.record({ action: some('allow'), on: some('server'), match: fc.record({ transport: some('stdio', 'http') }), how }),
  fc.record({
    action: some('pin'),
    on: some('server'),
    match: fc.record({ package: some('npm:server', 'oci:mcp/x') }),
    to: fc.record({ version: some('1.0.0', '2.0.0') }),
  }),
  fc.record({
    action: some('redact'),
    on: some('env', 'header', 'arg'),
    match: fc.record({ value: some('*abc*', '--key=*') }),
  }),
  fc.record({
    action: some('default'),
    on: some('server'),
    set: some(
      { timeout_ms: 500 },
      { env: { TZ: 'UTC' } },
      { headers: { 'X-A': 'b' } },
      { tools: { deny: ['drop_table'] } },
    ),
  }),
  fc.record({ action: some('require'), on: some('server'), fields: some(['timeout_ms'], ['tools.allow']) }),
);
const setOf = (one: fc.Arbitrary<object>) =>
  fc.array(fc.tuple(one, when), { maxLength: 6 }).map((all): PolicySet => {
    const document = {
      name: 'p',
      version: 1,
      rules: all.map(([rule, condition], at) => ({ id: `r${at}`, ...rule, when: condition })),
    };
    const parsed = parsePolicySet(JSON.parse(JSON.stringify(document)));
    expect(parsed.problems).toEqual([]);
    return parsed.set as PolicySet;
  });
const set = setOf(rules);

const entry = fc.record(
  {
    type: some('stdio', 'http'),
    command: some('npx', 'node'),
    args: few(some('server', 'server@1.0.0', '--key=v', 'x')),
    env,
    url: some('https://a.example/mcp', 'http://b.example/'),
    requestInit: fc.record({ headers: env }),
    trust: fc.boolean(),
    list: few(some('a', 'b', 'abc'), 4),
  },
  { requiredKeys: [] },
);
const document = fc
  .record({ servers: fc.oneof(few(entry), fc.dictionary(name, entry, { maxKeys: 3 })), extra: fc.option(text) })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const path = some('/servers/*', '/servers/*/list/*', '/**/trust', '/extra', '/**/*_TOKEN', '/servers/*/args/0');
const pathRules = fc.oneof(
  fc.record({
    action: some('deny', 'allow'),
    on: some('path'),
    match: fc.record({ path, value: some('*a*', 'true', '*') }),
    how,
  }),
  fc.record({
    action: some('pin'),
    on: some('path'),
    match: fc.record({ path }),
    to: fc.record({ value: some<JsonValue>(false, 'x', ['a'], { b: 1 }) }),
  }),
  fc.record({
    action: some('redact'),
    on: some('path', 'env', 'header', 'arg'),
    match: fc.record({ value: some('*abc*', '--key=*') }),
    to: some({ text: '${env:{name}}' }, { text: 'gone' }),
  }),
  fc.record({
    action: some('default'),
    on: some('path'),
    match: some({ path: '/servers/*/type' }, { path: '/added' }),
    set: some<JsonValue>('stdio', { deep: [1] }, null),
  }),
  fc.record({ action: some('require'), on: some('path'), match: fc.record({ path }), that: some('item.value != "x"') }),
);
/** Redacting a path needs a path; all other rules of servers are those of the neutral form, without tools. */
const payloadSet = setOf(
  fc.oneof(
    pathRules.map((one) =>
      one.action === 'redact' && one.on === 'path' ? { ...one, match: { path: '/extra', ...one.match } } : one,
    ),
    rules.filter(({ on, action }) => on !== 'tool' && action !== 'default' && action !== 'require'),
  ),
);

it('policy evaluation is deterministic and idempotent on payloads, too', () => {
  let changed = 0;
  fc.assert(
    fc.property(payloadSet, document, (policy, payload) => {
      const before = structuredClone(payload);
      const first = evaluate(policy, { payload }, context);
      expect(payload).toEqual(before);
      expect(evaluate(policy, { payload }, context)).toEqual(first);
      const overall = { root: structuredClone(payload) };
      const patch = first.patch.map((one) => ({ ...one, path: `/root${one.path}` }));
      expect(applyPatch(overall, structuredClone(patch)).every((error) => error === null)).toBe(true);
      expect(overall.root).toEqual(first.result);
      if (!first.ok) return;
      if (first.patch.length > 0) changed += 1;
      const second = evaluate(policy, { payload: first.result }, context);
      expect([second.ok, second.patch, second.effects]).toEqual([true, [], []]);
      expect(judge(policy, { payload: first.result }, context).ok).toBe(true);
    }),
    { numRuns: 400 },
  );
  expect(changed).toBeGreaterThan(20);
});

it('policy evaluation is deterministic and idempotent, and its patches lead to its result', () => {
  let settled = 0;
  let changed = 0;
  fc.assert(
    fc.property(set, config, (policy, neutral) => {
      const before = structuredClone(neutral);
      const first = evaluate(policy, { neutral }, context);
      expect(neutral).toEqual(before);
      expect(evaluate(policy, { neutral }, context)).toEqual(first);

      const [overall, single] = [structuredClone(neutral), structuredClone(neutral)];
      expect(applyPatch(overall, [...first.patch]).every((error) => error === null)).toBe(true);
      for (const { patch } of first.effects) applyPatch(single, structuredClone([...patch]));
      expect([overall, single]).toEqual([first.result, first.result]);

      if (!first.ok) return;
      settled += 1;
      if (first.patch.length > 0) changed += 1;
      const result = first.result as unknown as NeutralConfig;
      expect(parseNeutral(result).problems).toEqual([]);
      const second = evaluate(policy, { neutral: result }, context);
      expect([second.ok, second.patch, second.effects]).toEqual([true, [], []]);
      expect(judge(policy, { neutral: result }, context).ok).toBe(true);
    }),
    { numRuns: 400 },
  );
  // Else the property would say little.
  expect(settled).toBeGreaterThan(50);
  expect(changed).toBeGreaterThan(20);
});

it('no denied tool is left, and no redacted value, whatever else a set does', () => {
  const last = [
    { id: 'last-tool', action: 'deny', on: 'tool', match: { name: 'delete_repo' } },
    { id: 'last-value', action: 'redact', on: 'env', match: { name: '*_TOKEN' } },
  ];
  fc.assert(
    fc.property(set, config, (policy, neutral) => {
      const { rules: others } = policy;
      const whole = parsePolicySet({ name: 'p', version: 1, rules: [...others, ...last] }).set as PolicySet;
      const { ok, result } = evaluate(whole, { neutral }, context);
      if (!ok) return;
      for (const { tools, env: variables } of (result as unknown as NeutralConfig).servers) {
        expect(tools?.allow ?? []).not.toContain('delete_repo');
        if (tools?.allow === undefined) expect(tools?.deny).toContain('delete_repo');
        if (variables?.A_TOKEN !== undefined) expect(variables.A_TOKEN).toMatch(/^(Bearer )?\$\{input:[\w-]+\}$/);
      }
    }),
    { numRuns: 200 },
  );
});

it('the baseline says the same of a configuration in another order', () => {
  fc.assert(
    fc.property(config, (neutral) => {
      const turned = { ...neutral, servers: [...neutral.servers].reverse() };
      const verdicts = (subject: NeutralConfig) =>
        new Set(evaluate(baseline, { neutral: subject }, context).denied.map(({ rule }) => rule));
      expect(verdicts(turned)).toEqual(verdicts(neutral));
    }),
    { numRuns: 100 },
  );
});
