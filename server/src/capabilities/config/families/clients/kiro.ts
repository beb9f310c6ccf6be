import { shellBraces } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, count, flag, link, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const common = { timeout: count, disabled: flag, disabledTools: texts };
const local = closed({ command: someText }, { args: texts, env: textMap, ...common });
const remote = closed({ url: link }, { headers: textMap, ...common });

export const kiro: FamilyFacts = {
  client_id: 'kiro',
  title: 'Kiro and Amazon Q Developer',
  form: 'neutral',
  format: 'json',
  schemas: [published('kiro', '1.0.0', '*', closed({ mcpServers: serverMap(local, remote) }))],
  evidence: 'vendor-docs',
  notes: [
    'Root key mcpServers.',
    'Inputs are environment variables, which the user approves one by one.',
    'autoApprove, which skips questions to the user, is never written.',
  ],
  expresses: {
    transports: ['stdio', 'http'],
    inputs: ['env', 'headers'],
    defaults: false,
    cwd: false,
    timeout: 'ms',
    enabled: true,
    tools: { allow: false, deny: true },
    description: false,
  },
  targets: ['~/.kiro/settings/mcp.json', '<project>/.kiro/settings/mcp.json', '~/.aws/amazonq/mcp.json'],
  dialect: shellBraces,
  document: (servers) => ({
    mcpServers: byName(servers, (server) => ({
      ...commonEntry(server),
      ...said({
        timeout: server.timeout,
        disabled: server.enabled ? undefined : true,
        disabledTools: server.tools.deny,
      }),
    })),
  }),
};
