import { noVariables } from '../dialects.ts';
import { byName, commonEntry } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ command: someText }, { args: texts, env: textMap });

export const claudeDesktop: FamilyFacts = {
  client_id: 'claude-desktop',
  title: 'Claude Desktop',
  form: 'neutral',
  format: 'json',
  schemas: [published('claude-desktop', '1.0.0', '*', closed({ mcpServers: serverMap(local) }))],
  evidence: 'third-party',
  notes: ['Root key mcpServers.', 'Its file has local servers only; remote ones are connectors of the account.'],
  expresses: {
    transports: ['stdio'],
    inputs: [],
    defaults: false,
    cwd: false,
    timeout: false,
    enabled: false,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: [
    '~/Library/Application Support/Claude/claude_desktop_config.json',
    '%APPDATA%\\Claude\\claude_desktop_config.json',
  ],
  dialect: noVariables,
  document: (servers) => ({ mcpServers: byName(servers, commonEntry) }),
};
