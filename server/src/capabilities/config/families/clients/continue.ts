import { doubleCurly } from '../dialects.ts';
import { said } from '../entries.ts';
import type { FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import { closed, link, oneOfTexts, published, someText, textMap, texts } from '../schema-parts.ts';

const local = closed(
  { name: someText, type: oneOfTexts('stdio'), command: someText },
  { args: texts, env: textMap, cwd: someText },
);
const remote = closed(
  { name: someText, type: oneOfTexts('streamable-http', 'sse'), url: link },
  { requestOptions: closed({ headers: textMap }) },
);
const schema = closed({
  name: someText,
  version: someText,
  schema: oneOfTexts('v1'),
  mcpServers: { type: 'array', items: { oneOf: [local, remote] } },
});

export const continueDev: FamilyFacts = {
  client_id: 'continue',
  title: 'Continue',
  form: 'neutral',
  format: 'yaml',
  schemas: [published('continue', '1.0.0', '>=1.0.0', schema)],
  evidence: 'published-schema',
  notes: [
    'Root keys name, version, schema (v1) and mcpServers, a list.',
    `Inputs are its secrets, written \${{ secrets.NAME }}.`,
    'Every text is double-quoted, so that none is taken for a boolean or a number.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: ['command', 'args', 'cwd', 'env', 'url', 'headers'],
    defaults: false,
    cwd: true,
    timeout: false,
    enabled: false,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: ['~/.continue/config.yaml', '<project>/.continue/mcpServers/*.yaml'],
  dialect: doubleCurly,
  document: (servers) => ({ name: 'tutti', version: '1.0.0', schema: 'v1', mcpServers: servers.map(entryOf) }),
};

function entryOf({ name, transport, command, args, env, cwd, url, headers }: WrittenServer): JsonObject {
  if (transport === 'stdio') return { name, type: 'stdio', command, ...said({ args, env, cwd }) };
  const type = transport === 'http' ? 'streamable-http' : 'sse';
  return { name, type, url, ...said({ requestOptions: said({ headers }) }) };
}
