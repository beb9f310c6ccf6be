// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of clients, not of ours
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText, checkRendering } from '../../../../test/support/config/check-rendering.ts';
import { builtInFamilies, builtInFamily } from './built-in.ts';
import type { BuiltInFamily } from './family.ts';
import { formats, parseText, toText } from './format.ts';
import { type NeutralConfig, type NeutralServer, parseNeutral } from './neutral.ts';
import { render } from './render.ts';

/** All but the policies that only compare: what a machine says of Gemini CLI starts servers, too. */
const clients = builtInFamilies
  .filter(({ identity }) => !identity)
  .map((family) => [family.client_id, family] as const);

// Many more runs are in rendering.slow.ts.
test.each(clients)(
  'renderer injection: %s makes of what it is given what was meant, and expands nothing but inputs',
  (_id, family) => {
    checkRendering(family, 25);
  },
);

describe('a literal that looks like a variable', () => {
  const refusedBy = (text_: string) => clients.filter(([, family]) => losesArgument(family, text_)).map(([id]) => id);

  test.each([
    ['${HOME}', ['codex', 'opencode']],
    ['${env:HOME}', ['codex']],
    ['$HOME', without('copilot-cli', 'copilot-cloud-agent', 'gemini-cli', 'gemini-managed')],
    ['%HOME%', without('copilot-cli', 'copilot-cloud-agent', 'gemini-cli', 'gemini-managed')],
    ['{env:HOME}', without('opencode')],
    ['{file:/etc/passwd}', without('opencode')],
    ['${{ secrets.HOME }}', ['codex', 'opencode']],
    ['50 % of $', without()],
  ])('is refused for all that could expand it, and kept for the others: %s', (literal_, keep) => {
    const refused = refusedBy(literal_);
    const kept = clients.map(([id]) => id).filter((id) => !refused.includes(id));
    expect(kept.sort()).toEqual([...keep].sort());
  });

  function without(...ids: string[]): string[] {
    return clients.map(([id]) => id).filter((id) => !ids.includes(id));
  }
});

function losesArgument(family: BuiltInFamily, literal_: string): boolean {
  const servers: NeutralServer[] = [{ name: 'a', transport: 'stdio', command: 'uvx', args: [literal_] }];
  return render(family, { inputs: [], servers }).losses.some(({ feature }) => feature === 'literal');
}

describe('a policy', () => {
  const policies = builtInFamilies.filter(({ identity }) => identity);

  test.each(policies.map((family) => [family.client_id, family] as const))(
    '%s compares values: inputs, variables and wildcards are refused',
    (id, family) => {
      const url = (address: string): NeutralConfig => ({
        inputs: [{ id: 'key' }],
        servers: [{ name: 'a', transport: 'http', url: address }],
      });
      const refused = (address: string) => render(family, url(address)).losses.map(({ severity }) => severity);
      expect(refused('https://example.com/mcp')).toEqual([]);
      expect(refused('https://${input:key}.example.com/mcp')).toEqual(['error']);
      // Codex compares letter by letter: there is nothing in a text that would match more than itself.
      const wild = id === 'codex-requirements' ? [] : ['error'];
      expect(refused('https://*.example.com/*')).toEqual(wild);
      expect(refused('https://${HOST}/mcp')).toEqual(wild);
    },
  );

  test.each(policies.map((family) => [family.client_id, family] as const))(
    'renderer injection: %s matches what was meant, to the letter, and nothing that could be more',
    (_id, family) => {
      let kept = 0;
      const server = fc.oneof(
        fc.record({ transport: fc.constant('stdio'), command: anyText, args: fc.array(anyText, { maxLength: 2 }) }),
        fc.record({ transport: fc.constant('http'), url: anyText.map((rest) => `https://example.com/${rest}`) }),
      );
      fc.assert(
        fc.property(fc.array(server, { maxLength: 3 }), (given) => {
          const servers = given.map((one, at) => ({ name: `s${at}`, ...one }));
          const { config } = parseNeutral({ inputs: [{ id: 'key' }, { id: 'dir' }], servers });
          if (!config) return;
          const { text, format, losses } = render(family, config);
          const held = config.servers.filter(
            (_, at) => !losses.some((loss) => loss.severity === 'error' && loss.pointer.startsWith(`/servers/${at}/`)),
          );
          kept += held.length;
          const whole = ({ command, args = [], url }: NeutralServer) => url ?? [command, ...args];
          const first = ({ command, url }: NeutralServer) => url ?? command;
          const read = matched(parseText(text, format) as Matchers);
          expect(read).toEqual(held.map(family.client_id === 'codex-requirements' ? first : whole));
          if (family.dialect.expands) for (const one of read.flat()) expect(one).not.toMatch(/\$\{|\*/);
        }),
      );
      expect(kept).toBeGreaterThan(0);
    },
  );

  interface Matchers {
    readonly [list: string]: readonly { serverCommand?: string[]; serverUrl?: string }[];
    // biome-ignore lint/suspicious/noExplicitAny: a table of Codex
    readonly mcp_servers?: any;
  }

  /** What a policy lets through. */
  function matched(policy: Matchers): (string | string[])[] {
    if (policy.mcp_servers)
      return Object.values<{ identity: { command?: string; url?: string } }>(policy.mcp_servers).map(
        ({ identity }) => identity.command ?? identity.url ?? '',
      );
    const list = policy.allowedMcpServers ?? policy['chat.mcp.allowedServers'] ?? [];
    return list.map(({ serverCommand, serverUrl }) => serverCommand ?? serverUrl ?? '');
  }

  test('denies what is switched off, and says that a name is no proof', () => {
    const family = builtInFamily('claude-code-managed') as BuiltInFamily;
    const { payload, losses } = render(family, {
      inputs: [],
      servers: [
        { name: 'a', transport: 'stdio', command: 'uvx', args: ['a@1'], env: { A: '1' }, tools: { deny: ['rm'] } },
        { name: 'b', transport: 'http', url: 'https://b.example.com', enabled: false },
      ],
    });
    expect(payload).toEqual({
      allowedMcpServers: [{ serverCommand: ['uvx', 'a@1'] }],
      deniedMcpServers: [{ serverUrl: 'https://b.example.com' }],
      allowManagedMcpServersOnly: true,
      permissions: { deny: ['mcp__a__rm'] },
    });
    expect(losses).toMatchObject([{ pointer: '/servers/0/tools/deny', severity: 'warning' }]);
  });
});

describe('a text', () => {
  const value: fc.Arbitrary<unknown> = fc.oneof(anyText, fc.boolean(), fc.integer());
  const keyed = fc.dictionary(anyText, fc.oneof(value, fc.array(value), fc.dictionary(anyText, value)), {
    noNullPrototype: true,
  });

  test.each(formats)('in %s gives its payload back, whatever stands in it', (format) => {
    fc.assert(
      fc.property(keyed, (payload) => {
        expect(parseText(toText(payload as never, format), format)).toEqual(payload);
      }),
    );
  });

  test('YAML bomb / type juggling: in YAML it is double-quoted throughout, and a list that stands twice is written twice', () => {
    const list = ['no', 'on', '1.10', '0x1f', '~', ''];
    const written = toText({ no: list, yes: list }, 'yaml');
    expect(written).not.toMatch(/[&*]/);
    for (const line of written.trim().split('\n')) expect(line).toMatch(/^\s*(- )?"[^"]*":?$/);
    expect(() => parseText('a: &a [x]\nb: [*a, *a]\n', 'yaml')).toThrow();
  });
});
