import { noVariables } from '../dialects.ts';
import { byName, commonEntry } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, link, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ command: someText }, { args: texts, env: textMap });
const remote = closed({ url: link }, { headers: textMap });

export const lmStudio: FamilyFacts = {
  client_id: 'lm-studio',
  title: 'LM Studio',
  form: 'neutral',
  format: 'json',
  schemas: [published('lm-studio', '1.0.0', '*', closed({ mcpServers: serverMap(local, remote) }))],
  evidence: 'vendor-docs',
  notes: ["Root key mcpServers, in Cursor's notation.", 'No variables are known to work.'],
  expresses: {
    transports: ['stdio', 'http'],
    inputs: [],
    defaults: false,
    cwd: false,
    timeout: false,
    enabled: false,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: ['~/.lmstudio/mcp.json'],
  dialect: noVariables,
  document: (servers) => ({ mcpServers: byName(servers, commonEntry) }),
};
