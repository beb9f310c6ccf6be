import { shellWords } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { Expresses, FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import { envOf } from '../neutral.ts';
import { closed, count, link, oneOfTexts, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const expresses: Expresses = {
  transports: ['stdio', 'http', 'sse'],
  inputs: ['command', 'args', 'env', 'url', 'headers'],
  defaults: true,
  cwd: false,
  timeout: 'ms',
  enabled: false,
  tools: { allow: true, deny: false },
  description: false,
};

/** `tools` is always written: without it the cloud agent takes no entry. */
function entryOf(server: WrittenServer): JsonObject {
  return {
    type: server.transport === 'stdio' ? 'local' : server.transport,
    ...commonEntry(server),
    tools: server.tools.allow ?? ['*'],
    ...said({ timeout: server.timeout }),
  };
}

const fields = { tools: texts };
const local = (more: object) =>
  closed({ type: oneOfTexts('local'), command: someText, ...fields }, { args: texts, env: textMap, ...more });
const remote = (more: object) =>
  closed({ type: oneOfTexts('http', 'sse'), url: link, ...fields }, { headers: textMap, ...more });

export const copilotCli: FamilyFacts = {
  client_id: 'copilot-cli',
  title: 'GitHub Copilot CLI',
  form: 'neutral',
  format: 'json',
  schemas: [
    published(
      'copilot-cli',
      '1.0.0',
      '>=1.0.10',
      closed({ mcpServers: serverMap(local({ timeout: count }), remote({ timeout: count })) }),
    ),
  ],
  evidence: 'real-client',
  notes: [
    'Root key mcpServers; tools is ["*"] for all.',
    'Inputs are environment variables.',
    'That it keeps to its list of tools is known from its documentation alone.',
    'A managed list blocks what has an unresolved variable in its command or URL.',
  ],
  expresses,
  targets: ['~/.copilot/mcp-config.json', '<project>/.mcp.json', '<project>/.github/mcp.json'],
  dialect: shellWords,
  document: (servers) => ({ mcpServers: byName(servers, entryOf) }),
};

export const copilotCloudAgent: FamilyFacts = {
  client_id: 'copilot-cloud-agent',
  title: 'GitHub Copilot cloud agent',
  form: 'neutral',
  format: 'json',
  schemas: [published('copilot-cloud-agent', '1.0.0', '*', closed({ mcpServers: serverMap(local({}), remote({})) }))],
  evidence: 'vendor-docs',
  notes: [
    'Root key mcpServers; type and tools are required.',
    'Inputs are variables and secrets of the repository, whose names begin with COPILOT_MCP_.',
  ],
  expresses: { ...expresses, timeout: false },
  targets: ['The settings of a repository, Copilot, Cloud agent (pasted)'],
  dialect: {
    ...shellWords,
    variable: (input, withDefault) =>
      envOf(input).startsWith('COPILOT_MCP_') ? shellWords.variable?.(input, withDefault) : undefined,
    refusal: 'The cloud agent resolves only names that begin with COPILOT_MCP_: give the input such an env.',
  },
  document: (servers) => ({ mcpServers: byName(servers, entryOf) }),
};
