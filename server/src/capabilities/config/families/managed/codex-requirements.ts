import { byName } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { pointerOf } from '../neutral.ts';
import { closed, published, serverMap, someText } from '../schema-parts.ts';
import { identity, policyExpresses } from './matchers.ts';

const requirement = closed({
  identity: { oneOf: [closed({ command: someText }), closed({ url: someText })] },
});

export const codexRequirements: FamilyFacts = {
  client_id: 'codex-requirements',
  title: 'Codex, requirements',
  form: 'neutral',
  format: 'toml',
  schemas: [published('codex-requirements', '1.0.0', '>=0.100.0', closed({ mcp_servers: serverMap(requirement) }))],
  evidence: 'real-client',
  notes: [
    'A server is allowed when its name and its command or URL are those of the table mcp_servers.',
    'Arguments of a command are not compared.',
  ],
  expresses: { ...policyExpresses, transports: ['stdio', 'http'] },
  identity,
  targets: ['/etc/codex/requirements.toml', 'Device management on macOS', 'Cloud requirements'],
  dialect: { expands: undefined },
  document: (servers) => ({
    mcp_servers: byName(
      servers.filter(({ enabled }) => enabled),
      ({ transport, command, url }) => ({ identity: transport === 'stdio' ? { command } : { url } }),
    ),
  }),
  losses: ({ servers }) =>
    servers.flatMap(({ args, enabled }, at) =>
      args?.length && enabled !== false
        ? [
            {
              pointer: pointerOf(['servers', at, 'args']),
              feature: 'args',
              why: 'Codex compares the command alone: any arguments are allowed with it.',
              severity: 'warning',
            },
          ]
        : [],
    ),
};
