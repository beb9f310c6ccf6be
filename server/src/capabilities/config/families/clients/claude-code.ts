import { shellBraces } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, count, link, oneOfTexts, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ type: oneOfTexts('stdio'), command: someText }, { args: texts, env: textMap, timeout: count });
const remote = closed({ type: oneOfTexts('http', 'sse'), url: link }, { headers: textMap, timeout: count });

export const claudeCode: FamilyFacts = {
  client_id: 'claude-code',
  title: 'Claude Code',
  form: 'neutral',
  format: 'json',
  schemas: [published('claude-code', '1.0.0', '>=2.0.0', closed({ mcpServers: serverMap(local, remote) }))],
  evidence: 'real-client',
  notes: [
    'Root key mcpServers; each entry has a type.',
    'Inputs are environment variables; an unset one stays in the text and is warned of.',
    'Variables that hold its own credentials are blanked in what goes to remote servers.',
    'Which tools are allowed is said in its settings (permissions), not here: see claude-code-managed.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: ['command', 'args', 'env', 'url', 'headers'],
    defaults: true,
    cwd: false,
    timeout: 'ms',
    enabled: false,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: ['~/.claude.json (the key mcpServers)', '<project>/.mcp.json', '/etc/claude-code/managed-mcp.json'],
  dialect: shellBraces,
  document: (servers) => ({
    mcpServers: byName(servers, (server) => ({
      type: server.transport,
      ...commonEntry(server),
      ...said({ timeout: server.timeout }),
    })),
  }),
};
