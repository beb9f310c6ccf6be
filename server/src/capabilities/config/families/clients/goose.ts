import { noVariables } from '../dialects.ts';
import { byName, said } from '../entries.ts';
import type { Dialect, FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import {
  closed,
  count,
  flag,
  link,
  oneOfTexts,
  published,
  serverMap,
  someText,
  text,
  textMap,
  texts,
} from '../schema-parts.ts';

const common = { name: someText, description: text, enabled: flag };
const more = { timeout: count, available_tools: texts };
const local = closed(
  { type: oneOfTexts('stdio'), ...common, cmd: someText, args: texts },
  { envs: textMap, env_keys: texts, ...more },
);
const remote = closed({ type: oneOfTexts('streamable_http'), ...common, uri: link }, { headers: textMap, ...more });

const dialect: Dialect = {
  ...noVariables,
  forwards: 'env',
  refusal: 'Goose passes an input on as the environment variable that it is, whole and under its own name.',
};

export const goose: FamilyFacts = {
  client_id: 'goose',
  title: 'Goose',
  form: 'neutral',
  format: 'yaml',
  schemas: [published('goose', '1.0.0', '>=1.10.0', closed({ extensions: serverMap(local, remote) }))],
  evidence: 'published-schema',
  notes: [
    'Root key extensions; name, description and enabled are required.',
    'An input is an environment variable of the same name, listed in env_keys and kept in the keyring.',
    'It ignores 31 environment variables that would change what runs, such as PATH and NODE_OPTIONS.',
    'An empty available_tools means all tools.',
  ],
  expresses: {
    transports: ['stdio', 'http'],
    inputs: ['env'],
    defaults: false,
    cwd: false,
    timeout: 's',
    enabled: true,
    tools: { allow: true, deny: false },
    description: true,
  },
  targets: ['~/.config/goose/config.yaml', '%APPDATA%\\Block\\goose\\config\\config.yaml'],
  dialect,
  document: (servers) => ({ extensions: byName(servers, entryOf) }),
};

function entryOf(server: WrittenServer): JsonObject {
  const { name, enabled, description = '', forwarded, timeout, tools } = server;
  const way =
    server.transport === 'stdio'
      ? {
          type: 'stdio',
          cmd: server.command,
          args: server.args,
          ...said({ envs: server.env, env_keys: Object.values(forwarded.env) }),
        }
      : { type: 'streamable_http', uri: server.url, ...said({ headers: server.headers }) };
  return { name, description, enabled, ...way, ...said({ timeout, available_tools: tools.allow }) };
}
