// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import { describe, expect, test } from 'vitest';
import { everything, read } from '../../../../test/support/config/example.ts';
import { sha256 } from '../../../core/canonical.ts';
import { builtInFamilies, builtInFamily, cannotExpress } from './built-in.ts';
import { checkPayload } from './check.ts';
import type { BuiltInFamily, Loss } from './family.ts';
import type { NeutralServer } from './neutral.ts';
import { render } from './render.ts';
import { publishedSchemas } from './schema-hashes.ts';

const each = builtInFamilies.map((family) => [family.client_id, family] as const);
const fixture = (name: string) => `../../../../test/fixtures/config-clients/${name}`;

test('the families are at least sixteen clients and five policies, each with its own id', () => {
  const ids = builtInFamilies.map(({ client_id }) => client_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(builtInFamilies.filter(({ capabilities }) => !capabilities.includes('policy')).length).toBeGreaterThanOrEqual(
    16,
  );
  expect(builtInFamilies.filter(({ capabilities }) => capabilities.includes('policy'))).toHaveLength(5);
});

test('what each of them loses of the same configuration', async () => {
  const lost = builtInFamilies.map((family) => [family.client_id, render(family, everything).losses] as const);
  await expect(`${JSON.stringify(Object.fromEntries(lost), null, 2)}\n`).toMatchFileSnapshot(fixture('losses.json'));
});

test('no published schema was changed or taken away', () => {
  const now = builtInFamilies.flatMap(({ schemas }) => schemas.map((one) => [one.schema_ref, sha256(one.schema)]));
  expect(Object.fromEntries(now)).toEqual(publishedSchemas);
});

describe.each(each)('%s', (id, family) => {
  test('renders what it says, to the letter, and its schema takes it', async () => {
    const { payload, text } = render(family, everything);
    expect(checkPayload(family, family.schemas.at(-1)?.version ?? '', payload, text)).toEqual([]);
    await expect(text).toMatchFileSnapshot(fixture(`${id}.${family.format}`));
  });

  test('loses nothing of what it claims to express, and says what it loses of the rest', () => {
    const cannot = cannotExpress(family);
    for (const [feature, config] of Object.entries(probes)) {
      const losses = render(family, config).losses.filter(({ severity, feature: lost }) =>
        feature === 'inputs.default' ? lost === 'default' : severity === 'error' || lost === feature,
      );
      if (partOfPolicy(family, feature))
        expect([feature, losses.length > 0]).toEqual([feature, cannot.includes(feature)]);
      else expect([feature, losses]).toEqual([feature, []]);
    }
  });

  test('has a capability for all that it can express', () => {
    const can = new Set(family.capabilities);
    const { transports, inputs, cwd, timeout, enabled, tools } = family.expresses;
    for (const one of ['stdio', 'http', 'sse'] as const) expect(can.has(one)).toBe(transports.includes(one));
    expect(can.has('inputs')).toBe(inputs.length > 0);
    expect([can.has('cwd'), can.has('timeout'), can.has('enabled')]).toEqual([cwd, timeout !== false, enabled]);
    expect([can.has('tools.allow'), can.has('tools.deny')]).toEqual([tools.allow, tools.deny]);
  });
});

const stdio = { name: 'a', transport: 'stdio', command: 'uvx' } as const;
const inputs = [{ id: 'KEY', env: 'COPILOT_MCP_KEY' }];
const http = { name: 'a', transport: 'http', url: 'https://example.com/mcp' } as const;
const probe = (server: Partial<NeutralServer>, given: object[] = []) => read({ inputs: given, servers: [server] });
const key = '${input:KEY}';

/** For each feature a configuration that uses nothing else. */
const probes = {
  'transport.stdio': probe(stdio),
  'transport.http': probe(http),
  'transport.sse': probe({ ...http, transport: 'sse' }),
  'inputs.command': probe({ ...stdio, command: key }, inputs),
  'inputs.args': probe({ ...stdio, args: [`--key=${key}`] }, inputs),
  'inputs.env': probe({ ...stdio, env: { COPILOT_MCP_KEY: key } }, inputs),
  cwd: probe({ ...stdio, cwd: '/srv' }),
  timeout: probe({ ...stdio, timeout_ms: 2000 }),
  enabled: probe({ ...stdio, enabled: false }),
  'tools.allow': probe({ ...stdio, tools: { allow: ['a'] } }),
};

/** Policies compare commands, arguments and addresses; the rest of a server is no part of them. */
function partOfPolicy(family: BuiltInFamily, feature: string): boolean {
  return !family.identity || /^transport|^inputs\.(command|args)|^tools|^enabled/.test(feature);
}

describe('what is lost', () => {
  const of = (id: string, config: Parameters<typeof read>[0]): readonly Loss[] => {
    const family = builtInFamily(id);
    if (!family) throw new Error(id);
    return render(family, read(config)).losses;
  };

  test('is an error, and the server left out, where the file would say something else', () => {
    const family = builtInFamily('cursor');
    const config = read({
      servers: [
        { ...stdio, tools: { deny: ['delete'] } },
        { ...stdio, name: 'b' },
      ],
    });
    const { payload, losses } = render(family as BuiltInFamily, config);
    expect(losses).toMatchObject([{ pointer: '/servers/0/tools/deny', feature: 'tools.deny', severity: 'error' }]);
    expect(payload).toEqual({ mcpServers: { b: { command: 'uvx' } } });
  });

  test('is an error where no tool is left, for some clients take an empty list for all', () => {
    const servers = [{ ...stdio, tools: { allow: ['a'], deny: ['a'] } }];
    for (const id of ['codex', 'goose', 'copilot-cli', 'gemini-cli'])
      expect(of(id, { servers })).toMatchObject([{ pointer: '/servers/0/tools', severity: 'error' }]);
  });

  test('is none where a list of allowed tools says what a list of denied ones would', () => {
    expect(of('goose', { servers: [{ ...stdio, tools: { allow: ['a', 'b'], deny: ['b'] } }] })).toEqual([]);
  });

  test('is a warning where the client only knows less', () => {
    expect(of('zed', { servers: [{ ...stdio, timeout_ms: 1500 }] })).toMatchObject([
      { pointer: '/servers/0/timeout_ms', severity: 'warning' },
    ]);
    expect(of('cursor', { servers: [{ ...stdio, enabled: false }] })).toMatchObject([
      { pointer: '/servers/0/enabled', severity: 'warning' },
    ]);
  });
});
