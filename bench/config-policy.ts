import { celEnv, parse, plan } from '@bufbuild/cel';
import type { NeutralConfig } from '../server/src/capabilities/config/families/neutral.ts';
import { baseline } from '../server/src/capabilities/config/policy/baseline.ts';
import { toCel } from '../server/src/capabilities/config/policy/cel/condition.ts';
import { type PolicySet, parsePolicySet } from '../server/src/capabilities/config/policy/document.ts';
import { evaluate } from '../server/src/capabilities/config/policy/evaluate.ts';
import { gitleaksRules } from '../server/src/capabilities/config/secrets/rules.ts';
import { scanForSecrets } from '../server/src/capabilities/config/secrets/scan.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Table } from './support/table.ts';

const servers = 10;
/** Of each side and round. */
const milliseconds = 1000;

const context = {
  client: { id: 'codex', version: '1.0.0', form: 'neutral' as const },
  profile: 'prod',
  tags: ['eu'],
  claims: { team: 'platform' },
  now: '2026-01-01T00:00:00Z',
};

/** Five rules, each with a condition: deny a tool in prod, pin a version, redact tokens, require a description, a time-out. */
const fiveRules = read({
  name: 'five',
  version: 1,
  rules: [
    { id: 'deny', action: 'deny', on: 'tool', match: { name: 'delete_repo' }, when: 'profile == "prod"' },
    {
      id: 'pin',
      action: 'pin',
      on: 'server',
      match: { package: 'npm:server' },
      to: { version: '1.2.3' },
      when: '"eu" in tags',
    },
    { id: 'redact', action: 'redact', on: 'env', match: { name: '*_TOKEN' }, when: 'client.id != "none"' },
    { id: 'require', action: 'require', on: 'server', that: 'has(server.description) && server.description != ""' },
    { id: 'default', action: 'default', on: 'server', set: { timeout_ms: 30_000 }, when: 'claims.team == "platform"' },
  ],
});

const neutral: NeutralConfig = {
  inputs: [],
  servers: Array.from({ length: servers }, (_, at) => ({
    name: `server-${at}`,
    transport: 'stdio' as const,
    command: 'npx',
    args: ['-y', 'server@^1', '--root', '/srv/data'],
    env: { LOG_LEVEL: 'info', API_TOKEN: 'literal', REGION: 'eu-west-1' },
    tools: { allow: ['get_repo', 'delete_repo', 'list_repos'] },
    description: 'A server among others.',
  })),
};

export const configPolicy: Benchmark = {
  name: 'config-policy',
  title: `Policy evaluations and secret scans of a configuration of ${servers} servers, in one thread`,
  run,
};

const sides = [
  { label: 'Tutti, five rules that change it', work: () => evaluate(fiveRules, { neutral }, context) },
  { label: 'bare CEL, the same conditions', work: bareConditions() },
  { label: 'Tutti, the baseline', work: () => evaluate(baseline, { neutral }, context) },
  { label: 'Tutti, secret scan', work: () => scanForSecrets(neutral) },
  { label: 'the same vendored rules on its JSON', work: () => bareScan(JSON.stringify(neutral)) },
] as const;

async function run({ rounds, say }: Options): Promise<Table> {
  const measured = await interleave(sides, rounds + 1, async ({ label, work }, round) => {
    const rate = perSecond(work);
    say(`round ${round}, ${label}: ${Math.round(rate)}/s`);
    return rate;
  });
  // The first round warmed all up, and compiled the patterns.
  const rates = [...measured].map(([side, all]) => ({ side, all: all.slice(1) }));
  return {
    rounds,
    columns: ['a second', 'range'],
    rows: rates.map(({ side, all }) => ({ label: side.label, values: [median(all), range(all)] })),
    aims: [],
    notes: [
      `${scanned()} texts and names in the configuration. An evaluation copies it, looks at each command and address, goes on until nothing changes, judges the result, and writes the patch.`,
      'Bare CEL only evaluates the same five conditions for each server. The bare scan sees no decoded form, no joined arguments and no names.',
    ],
  };
}

function perSecond(work: () => unknown): number {
  const started = performance.now();
  let count = 0;
  do {
    work();
    count += 1;
  } while (performance.now() - started < milliseconds);
  return (count * 1000) / (performance.now() - started);
}

function bareConditions(): () => void {
  const environment = celEnv();
  const texts = fiveRules.rules.map(
    (rule) => rule.when ?? (rule.action === 'require' ? rule.that : undefined) ?? 'true',
  );
  const conditions = texts.map((text) => plan(environment, parse(text)));
  const fixed = { client: toCel(context.client), profile: 'prod', tags: ['eu'], claims: toCel(context.claims) };
  return () => {
    for (const server of neutral.servers) {
      const bindings = { ...fixed, server: toCel(server) };
      for (const condition of conditions) condition(bindings);
    }
  };
}

function bareScan(text: string): number {
  const lower = text.toLowerCase();
  return gitleaksRules().rules.filter(
    ({ keywords, pattern }) => keywords.some((word) => lower.includes(word)) && pattern().matcher(text).find(),
  ).length;
}

function scanned(): number {
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).reduce((sum, [, member]) => sum + 1 + count(member), 0)
      : 1;
  return count(neutral);
}

function read(document: object): PolicySet {
  const { set, problems } = parsePolicySet(document);
  if (!set) throw new Error(JSON.stringify(problems));
  return set;
}
