import { noVariables } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { Expresses, FamilyFacts } from '../family.ts';
import { closed, link, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ command: someText }, { args: texts, env: textMap });

const little: Expresses = {
  transports: ['stdio', 'http'],
  inputs: [],
  defaults: false,
  cwd: false,
  timeout: false,
  enabled: false,
  tools: { allow: false, deny: false },
  description: false,
};

export const jetbrainsAiAssistant: FamilyFacts = {
  client_id: 'jetbrains-ai-assistant',
  title: 'JetBrains AI Assistant',
  form: 'neutral',
  format: 'json',
  schemas: [published('jetbrains-ai-assistant', '1.0.0', '*', closed({ mcpServers: serverMap(local) }))],
  evidence: 'vendor-docs',
  notes: ['It has no file: the text is pasted into its settings. Root key mcpServers.'],
  expresses: { ...little, transports: ['stdio'] },
  targets: ['Settings, Tools, AI Assistant, Model Context Protocol (pasted)'],
  dialect: noVariables,
  document: (servers) => ({ mcpServers: byName(servers, commonEntry) }),
};

export const junie: FamilyFacts = {
  client_id: 'junie',
  title: 'Junie',
  form: 'neutral',
  format: 'json',
  schemas: [
    published(
      'junie',
      '1.0.0',
      '*',
      closed({ mcpServers: serverMap(local, closed({ url: link }, { headers: textMap })) }),
    ),
  ],
  evidence: 'third-party',
  notes: ['Root key mcpServers; entries have no type.'],
  expresses: little,
  targets: ['~/.junie/mcp/mcp.json', '<project>/.junie/mcp/mcp.json'],
  dialect: noVariables,
  document: (servers) => ({ mcpServers: byName(servers, commonEntry) }),
};

const withHeaders = closed({ url: link }, { requestInit: closed({ headers: textMap }) });

export const copilotJetbrains: FamilyFacts = {
  client_id: 'copilot-jetbrains',
  title: 'GitHub Copilot in JetBrains',
  form: 'neutral',
  format: 'json',
  schemas: [published('copilot-jetbrains', '1.0.0', '*', closed({ servers: serverMap(local, withHeaders) }))],
  evidence: 'third-party',
  notes: ['Root key servers; headers stand below requestInit.'],
  expresses: little,
  targets: ['~/.config/github-copilot/intellij/mcp.json', '%LOCALAPPDATA%\\github-copilot\\intellij\\mcp.json'],
  dialect: noVariables,
  document: (servers) => ({
    servers: byName(servers, (server) =>
      server.transport === 'stdio'
        ? commonEntry(server)
        : said({ url: server.url, requestInit: said({ headers: server.headers }) }),
    ),
  }),
};
