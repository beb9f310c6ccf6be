import { envBraces } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { FamilyFacts } from '../family.ts';
import { closed, link, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ command: someText }, { args: texts, env: textMap });
const remote = closed({ serverUrl: link }, { headers: textMap });

export const windsurf: FamilyFacts = {
  client_id: 'windsurf',
  title: 'Windsurf',
  form: 'neutral',
  format: 'json',
  schemas: [published('windsurf', '1.0.0', '*', closed({ mcpServers: serverMap(local, remote) }))],
  evidence: 'vendor-docs',
  notes: [
    'Root key mcpServers; remote servers have serverUrl.',
    `Inputs are environment variables, written \${env:NAME}; it also reads \${file:…}, which is never written.`,
    'At most 100 tools are on at once; they are switched in its window.',
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
  targets: ['~/.codeium/windsurf/mcp_config.json', '~/.codeium/mcp_config.json (the plugin for JetBrains)'],
  dialect: envBraces,
  document: (servers) => ({
    mcpServers: byName(servers, (server) =>
      server.transport === 'stdio' ? commonEntry(server) : said({ serverUrl: server.url, headers: server.headers }),
    ),
  }),
};
