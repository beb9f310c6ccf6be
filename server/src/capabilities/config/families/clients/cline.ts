import { noVariables } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import {
  closed,
  count,
  flag,
  link,
  oneOfTexts,
  published,
  serverMap,
  someText,
  textMap,
  texts,
} from '../schema-parts.ts';

const common = { timeout: count, disabled: flag };
const local = closed(
  { type: oneOfTexts('stdio'), command: someText },
  { args: texts, env: textMap, cwd: someText, ...common },
);
const remote = closed({ type: oneOfTexts('streamableHttp', 'sse'), url: link }, { headers: textMap, ...common });

export const cline: FamilyFacts = {
  client_id: 'cline',
  title: 'Cline',
  form: 'neutral',
  format: 'json',
  schemas: [published('cline', '1.0.0', '*', closed({ mcpServers: serverMap(local, remote) }))],
  evidence: 'published-schema',
  notes: [
    'Root key mcpServers; a URL without a type counts as sse.',
    'autoApprove, which skips questions to the user, is never written.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: [],
    defaults: false,
    cwd: true,
    timeout: 's',
    enabled: true,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: [
    '<VS Code user data>/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    '~/.cline/data/settings/cline_mcp_settings.json',
  ],
  dialect: noVariables,
  document: (servers) => ({ mcpServers: byName(servers, entryOf) }),
};

const types = { stdio: 'stdio', http: 'streamableHttp', sse: 'sse' } as const;

function entryOf(server: WrittenServer): JsonObject {
  return {
    type: types[server.transport],
    ...commonEntry(server),
    ...said({ cwd: server.cwd, timeout: server.timeout, disabled: server.enabled ? undefined : true }),
  };
}
