// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOf } from './decode.ts';
import { gitleaksRules } from './rules.ts';
import { scanForSecrets } from './scan.ts';

/** Made here, so that no scanner takes this file for a leak. */
const body = 'k3Jd82LmQ0xZr5Vt7Yb1NcW9PsHe4GuAf6Ti';
const github = `gh${'p_'}${body}`;
const aws = `AK${'IA'}Z7QWERTY2LMNB5XC`;
const slack = `xo${'xb'}-123456789012-1234567890123-${body.slice(0, 24)}`;
const pem = ['-----BEGIN PRIVATE', 'KEY-----'].join(' ');
const pemBody = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';

const decoys = Array.from({ length: 40 }, (_, at) => Buffer.from(`nothing at all, ${at}`).toString('base64')).join(' ');

const rulesAt = (value: unknown) => scanForSecrets(value).map(({ pointer, rule }) => `${pointer} ${rule}`);
const rulesOf = (value: unknown) => [...new Set(scanForSecrets(value).map(({ rule }) => rule))];
const server = (fields: object) => ({ servers: [{ name: 'x', transport: 'stdio', command: 'npx', ...fields }] });

it('takes every rule of the vendored set on RE2', () => {
  const { rules, allowed } = gitleaksRules();
  expect(rules.length).toBe(212);
  for (const { pattern, allowed: lists } of rules) {
    pattern();
    for (const { patterns } of lists) patterns();
  }
  expect(allowed.patterns().length).toBeGreaterThan(0);
});

describe('secret smuggling', () => {
  it.each<[string, unknown, string]>([
    ['as it stands', server({ env: { X: github } }), '/servers/0/env/X github-pat'],
    ['in a name', server({ env: { [github]: 'x' } }), `/servers/0/env/${github} github-pat`],
    ['escaped', server({ args: [`\\u0067hp_${body}`] }), '/servers/0/args/0 github-pat'],
    ['escaped by octets', server({ args: [`\\x67hp_${body}`] }), '/servers/0/args/0 github-pat'],
    ['percent-encoded', server({ args: [`%67%68p_${body}`] }), '/servers/0/args/0 github-pat'],
    ['as an entity', server({ description: `&#103;hp_${body}` }), '/servers/0/description github-pat'],
    ['with a zero-width space', server({ args: [`gh\u200bp_${body}`] }), '/servers/0/args/0 github-pat'],
    ['in full-width letters', server({ args: [`ｇｈｐ_${body}`] }), '/servers/0/args/0 github-pat'],
    ['in two arguments', server({ args: [github.slice(0, 9), github.slice(9)] }), '/servers/0/args github-pat'],
    [
      'around an input',
      server({ args: [`${github.slice(0, 9)}\${input:e}${github.slice(9)}`] }),
      '/servers/0/args/0 github-pat',
    ],
    [
      'in base64',
      server({ env: { X: Buffer.from(`token ${github}`).toString('base64') } }),
      '/servers/0/env/X github-pat',
    ],
    [
      'in base64 twice',
      server({ env: { X: Buffer.from(Buffer.from(github).toString('base64')).toString('base64') } }),
      '/servers/0/env/X github-pat',
    ],
    [
      'in base64 behind what is harmless in base64',
      server({ description: `${decoys} ${Buffer.from(pem).toString('base64')}` }),
      '/servers/0/description private-key',
    ],
    [
      'in base64 twice, behind every other encoding',
      server({
        description: `\\u0041 %41 &#65; ü \${input:e} ${decoys} ${Buffer.from(Buffer.from(pem).toString('base64')).toString('base64')}`,
      }),
      '/servers/0/description private-key',
    ],
    [
      'in base64 with blanks',
      server({ env: { X: Buffer.from(`token ${github}`).toString('base64').replace(/.{9}/g, '$& ') } }),
      '/servers/0/env/X github-pat',
    ],
    [
      'in hex with colons',
      server({ env: { X: Buffer.from(github).toString('hex').replace(/../g, '$&:') } }),
      '/servers/0/env/X github-pat',
    ],
    [
      'in two arguments behind many',
      server({ args: [...Array(300).fill('word'.repeat(250)), github.slice(0, 9), github.slice(9)] }),
      '/servers/0/args github-pat',
    ],
    ['in hex', server({ env: { X: Buffer.from(github).toString('hex') } }), '/servers/0/env/X github-pat'],
    ['in a header', server({ headers: { 'X-Note': `k ${aws} k` } }), '/servers/0/headers/X-Note aws-access-token'],
    ['in a description', server({ description: `Use ${slack}` }), '/servers/0/description slack-bot-token'],
    ['as the user of a URL', server({ url: `https://u:pa55-w0rd@example.com/` }), '/servers/0/url url-credentials'],
    ['in the query of a URL', server({ url: `https://example.com/?api_key=${body}` }), '/servers/0/url url-parameter'],
    ['as a key in one text', server({ env: { KEY: `${pem}\n${pemBody}` } }), '/servers/0/env/KEY private-key'],
    [
      'as a key in JSON in a text',
      server({ args: [JSON.stringify({ k: `${pem}\n${pemBody}` })] }),
      '/servers/0/args/0 private-key',
    ],
    [
      'as a key over the items of an array',
      server({ args: ['-----BEGIN', ' PRIVATE KEY-----', pemBody] }),
      '/servers/0/args private-key',
    ],
    ['after a flag', server({ args: ['--password', 'hunter2!'] }), '/servers/0/args/1 named-secret'],
    ['behind a flag', server({ args: ['--password=hunter2!'] }), '/servers/0/args/0 named-secret'],
    [
      'in a variable for a container',
      server({ args: ['-e', 'DB_PASSWORD=hunter2!'] }),
      '/servers/0/args/1 named-secret',
    ],
    [
      'in an opaque payload',
      { mcpServers: { a: { env: { API_TOKEN: 'not-a-known-form' } } } },
      '/mcpServers/a/env/API_TOKEN named-secret',
    ],
    [
      'as a header that authorises',
      server({ headers: { Authorization: `Bearer ${body}` } }),
      '/servers/0/headers/Authorization authorization-header',
    ],
    ['by its randomness alone', server({ args: [`--x`, `${body}${body.slice(3)}`] }), '/servers/0/args/1 high-entropy'],
  ])('%s', (_, value, expected) => {
    expect(rulesAt(value)).toContain(expected);
  });
});

it.each<[string, object]>([
  ['default', { default: github }],
  ['description', { description: `for instance ${github}` }],
  ['placeholder', { placeholder: github }],
])('input default carrying a secret: its %s', (field, fields) => {
  expect(rulesAt({ inputs: [{ id: 'repo', ...fields }], servers: [] })).toContain(`/inputs/0/${field} github-pat`);
});

it('input default carrying a secret: one that only its name tells', () => {
  expect(rulesAt({ inputs: [{ id: 'db-password', default: 'hunter2!' }] })).toEqual(['/inputs/0/default named-secret']);
});

it('lets through what is no secret', () => {
  const harmless = {
    inputs: [
      { id: 'github-token', description: 'A token of GitHub: see its settings.', secret: true, env: 'GITHUB_TOKEN' },
    ],
    servers: [
      {
        name: 'github',
        transport: 'stdio',
        command: 'docker',
        args: [
          'run',
          '-i',
          '--rm',
          '-e',
          'GITHUB_TOKEN',
          `ghcr.io/github/github-mcp-server@sha256:${'0f1e2d3c4b5a6978'.repeat(4)}`,
        ],
        env: {
          GITHUB_TOKEN: '${input:github-token}',
          TOKEN_FILE: '/run/secrets/token',
          MAX_TOKENS: '4096',
          AUTH_MODE: 'oauth2',
        },
        package: {
          registry: 'npm',
          identifier: '@modelcontextprotocol/server-github',
          version: '2025.4.8',
          sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        },
      },
      {
        name: 'docs',
        transport: 'http',
        url: 'https://mcp.example.com/v1/3f2504e0-4f89-41d3-9a0c-0305e82c3301?team=platform&key=${input:key}',
        headers: { Authorization: 'Bearer ${input:github-token}', 'X-Trace': 'on', 'X-Api-Key': '${env:DOCS_KEY}' },
        description: 'Password resets, secrets and tokens are explained here; nothing is stored.',
      },
    ],
    codex: { bearer_token_env_var: 'DOCS_TOKEN', env_http_headers: { 'X-Api-Key': 'DOCS_KEY' } },
    continue: { apiKey: '${{ secrets.DOCS_KEY }}' },
    opencode: { headers: { Authorization: 'Bearer {env:DOCS_KEY}' } },
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  };
  expect(scanForSecrets(harmless)).toEqual([]);
});

it('leaves out what a policy set says is none, and only that', () => {
  const value = server({ env: { A: github, B: github } });
  const ignore = [{ path: '/servers/*/env/A', rule: 'github-pat' }];
  expect(scanForSecrets(value, { ignore }).map(({ pointer }) => pointer)).toEqual(['/servers/0/env/B']);
  expect(scanForSecrets(value, { ignore: [{ path: '/**', rule: 'slack-bot-token' }] })).toHaveLength(2);
});

it('what is ignored hides nothing: not by its number, and not beside another', () => {
  const ignore = [{ path: '/known/*', rule: '*' }];
  const known = Array.from({ length: 1500 }, () => github);
  expect(
    scanForSecrets({ known: Object.assign({}, known), other: github }, { ignore }).map(({ pointer }) => pointer),
  ).toEqual(['/other']);
  const cut = { known: [github, slack.slice(0, 20), slack.slice(20)] };
  expect(scanForSecrets(cut, { ignore }).map(({ pointer, rule }) => `${pointer} ${rule}`)).toContain(
    '/known slack-bot-token',
  );
});

it('says where and by which rule, never what', () => {
  const [finding] = scanForSecrets(server({ env: { X: github } }));
  expect(finding).toEqual({
    pointer: '/servers/0/env/X',
    rule: 'github-pat',
    excerpt: `ghp_… (${github.length} characters)`,
  });
  const short = scanForSecrets({ password: 'hunter2!' });
  expect(JSON.stringify(short)).not.toContain('hunt');
});

const character = fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789');
const token = fc
  .array(character, { minLength: 36, maxLength: 36 })
  .map((all) => all.join(''))
  .filter((text) => new Set(text).size > 18);
const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text).replace('g', '\\u0067'),
  (text) => [...text].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(''),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => [...text].join('\u200d'),
];

it('finds a token wherever it stands and however it is written', () => {
  fc.assert(
    fc.property(
      token,
      fc.constantFrom(...encodings),
      fc.array(fc.constantFrom('env', 'a', 0), { maxLength: 4 }),
      (text, encode, path) => {
        const secret = `gh${'p_'}${text}`;
        const value = path.reduce<unknown>(
          (inner, step) => (step === 0 ? [inner, 'x'] : { [step]: inner }),
          encode(secret),
        );
        const findings = scanForSecrets(value);
        expect(findings.map(({ rule }) => rule)).toContain('github-pat');
        expect(JSON.stringify(findings)).not.toContain(text);
      },
    ),
    { numRuns: 150 },
  );
});

it('ReDoS: long hostile texts are read in time, and nested encodings come to an end', () => {
  const bomb = Array.from({ length: 12 }).reduce<string>((text) => Buffer.from(text).toString('base64'), github);
  const hostile = [
    `${'a'.repeat(8000)}!`,
    '://'.repeat(2600),
    'password='.repeat(900),
    '-----BEGIN '.repeat(700),
    '=:'.repeat(4000),
    bomb,
  ];
  expect(Array.isArray(rulesOf(hostile))).toBe(true);
  const many = Array.from({ length: 20_000 }, (_, at) => ({ token: `x${at}y` }));
  expect(scanForSecrets(many)).toHaveLength(100);
  expect(formsOf('%25'.repeat(500)).length).toBeLessThan(30);
});
