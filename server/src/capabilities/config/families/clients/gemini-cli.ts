import { shellWords } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import {
  closed,
  count,
  link,
  oneOfTexts,
  published,
  serverMap,
  someText,
  text,
  textMap,
  texts,
} from '../schema-parts.ts';

const common = { timeout: count, description: text, includeTools: texts, excludeTools: texts };
const local = closed({ command: someText }, { args: texts, env: textMap, cwd: someText, ...common });
const remote = closed({ type: oneOfTexts('http', 'sse'), url: link }, { headers: textMap, ...common });

/** What stands below `mcpServers`, here and in the settings of a machine. */
export const geminiServers = serverMap(local, remote);

export const geminiCli: FamilyFacts = {
  client_id: 'gemini-cli',
  title: 'Gemini CLI',
  form: 'neutral',
  format: 'json',
  schemas: [
    published(
      'gemini-cli',
      '1.0.0',
      '>=0.61.0',
      closed({ mcpServers: geminiServers }, { mcp: closed({ excluded: texts }) }),
    ),
  ],
  evidence: 'real-client',
  notes: [
    'Root keys mcpServers and mcp; a URL without a type counts as http.',
    'A variable that is not set stays in the text.',
    'trust, which skips every question to the user, is never written.',
    'That it keeps to its lists of tools is known from its documentation alone.',
    'It starts no server in a folder that the user does not trust.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: ['command', 'args', 'cwd', 'env', 'url', 'headers'],
    defaults: true,
    cwd: true,
    timeout: 'ms',
    enabled: true,
    tools: { allow: true, deny: true },
    description: true,
  },
  targets: ['~/.gemini/settings.json', '<project>/.gemini/settings.json'],
  dialect: shellWords,
  document: (servers) => {
    const excluded = servers.filter(({ enabled }) => !enabled).map(({ name }) => name);
    return { mcpServers: byName(servers, geminiEntry), ...(excluded.length > 0 ? { mcp: { excluded } } : {}) };
  },
};

export function geminiEntry(server: WrittenServer): JsonObject {
  const { cwd, timeout, description, tools } = server;
  return {
    ...(server.transport === 'stdio' ? {} : { type: server.transport }),
    ...commonEntry(server),
    ...said({ cwd, timeout, description, includeTools: tools.allow, excludeTools: tools.deny }),
  };
}
