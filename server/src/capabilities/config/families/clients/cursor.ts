import { envBraces } from '../dialects.ts';
import { byName, commonEntry } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, link, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ command: someText }, { args: texts, env: textMap });
const remote = closed({ url: link }, { headers: textMap });

export const cursor: FamilyFacts = {
  client_id: 'cursor',
  title: 'Cursor',
  form: 'neutral',
  format: 'json',
  schemas: [published('cursor', '1.0.0', '*', closed({ mcpServers: serverMap(local, remote) }))],
  evidence: 'third-party',
  notes: [
    'Root key mcpServers; the transport of a URL is found out by trying.',
    `Inputs are environment variables, written \${env:NAME}.`,
    'Servers and tools are switched on and off in its window.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: ['command', 'args', 'env', 'url', 'headers'],
    defaults: false,
    cwd: false,
    timeout: false,
    enabled: false,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: ['~/.cursor/mcp.json', '<project>/.cursor/mcp.json'],
  dialect: envBraces,
  document: (servers) => ({ mcpServers: byName(servers, commonEntry) }),
};
