import { noVariables } from '../dialects.ts';
import { byName, said } from '../entries.ts';
import type { FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import { closed, count, flag, link, published, serverMap, someText, textMap, texts } from '../schema-parts.ts';

const local = closed({ command: someText, args: texts }, { env: textMap, enabled: flag, timeout: count });
const remote = closed({ url: link }, { headers: textMap, enabled: flag, timeout: count });

export const zed: FamilyFacts = {
  client_id: 'zed',
  title: 'Zed',
  form: 'neutral',
  format: 'jsonc',
  schemas: [published('zed', '1.0.0', '*', closed({ context_servers: serverMap(local, remote) }))],
  evidence: 'published-schema',
  notes: [
    'Root key context_servers in the settings; a local server has args, also when there are none.',
    'One bad field and the whole entry is ignored.',
    'It knows no variables: what needs an input cannot be written.',
  ],
  expresses: {
    transports: ['stdio', 'http'],
    inputs: [],
    defaults: false,
    cwd: false,
    timeout: 's',
    enabled: true,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: ['~/.config/zed/settings.json', '<project>/.zed/settings.json'],
  dialect: noVariables,
  document: (servers) => ({ context_servers: byName(servers, entryOf) }),
};

function entryOf({ transport, command, args, env, url, headers, enabled, timeout }: WrittenServer): JsonObject {
  const state = said({ enabled: enabled ? undefined : false, timeout });
  return transport === 'stdio'
    ? { command, args, ...said({ env }), ...state }
    : { url, ...said({ headers }), ...state };
}
