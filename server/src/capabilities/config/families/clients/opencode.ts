import { curlyEnv } from '../dialects.ts';
import { byName, said } from '../entries.ts';
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
  text,
  textMap,
} from '../schema-parts.ts';

const common = { enabled: flag, timeout: count };
const local = closed(
  { type: oneOfTexts('local'), command: { type: 'array', items: text, minItems: 1 } },
  { environment: textMap, cwd: someText, ...common },
);
/** An address may begin with a variable of its own syntax. */
const address = { anyOf: [link, { type: 'string', pattern: '^\\{env:' }] };
const remote = closed({ type: oneOfTexts('remote'), url: address }, { headers: textMap, ...common });

export const opencode: FamilyFacts = {
  client_id: 'opencode',
  title: 'opencode',
  form: 'neutral',
  format: 'json',
  schemas: [published('opencode', '1.0.0', '>=1.18.0', closed({ mcp: serverMap(local, remote) }))],
  evidence: 'real-client',
  notes: [
    'Root key mcp; one bad entry and opencode refuses the whole file.',
    'Variables are replaced in the text of the file: a value with a quote or a backslash in it breaks the file.',
    'A variable that is not set is an empty text.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: ['command', 'args', 'cwd', 'env', 'url', 'headers'],
    defaults: false,
    cwd: true,
    timeout: 'ms',
    enabled: true,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: ['~/.config/opencode/opencode.json', '<project>/opencode.json'],
  dialect: curlyEnv,
  document: (servers) => ({ mcp: byName(servers, entryOf) }),
};

function entryOf(server: WrittenServer): JsonObject {
  const { command, args, env, cwd, url, headers, enabled, timeout } = server;
  const state = { enabled, ...said({ timeout }) };
  return server.transport === 'stdio'
    ? { type: 'local', command: [command, ...args], ...said({ environment: env, cwd }), ...state }
    : { type: 'remote', url, ...said({ headers }), ...state };
}
