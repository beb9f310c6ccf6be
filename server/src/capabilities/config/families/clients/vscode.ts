import type { JsonValue } from '../../integrity/parse-strict.ts';
import { inputBraces } from '../dialects.ts';
import { byName, commonEntry, said } from '../entries.ts';
import type { FamilyFacts, JsonObject, WrittenServer } from '../family.ts';
import { inputsIn } from '../inputs.ts';
import { type NeutralInput, pointerOf } from '../neutral.ts';
import {
  closed,
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
import { canTellDefault } from '../write-text.ts';

const local = closed({ type: oneOfTexts('stdio'), command: someText }, { args: texts, cwd: someText, env: textMap });
const remote = closed({ type: oneOfTexts('http', 'sse'), url: link }, { headers: textMap });
const input = closed(
  { id: someText, type: oneOfTexts('promptString'), description: text },
  { default: text, password: flag },
);
const schema = closed({ servers: serverMap(local, remote) }, { inputs: { type: 'array', items: input } });

export const vscode: FamilyFacts = {
  client_id: 'vscode',
  title: 'VS Code',
  form: 'neutral',
  format: 'jsonc',
  schemas: [published('vscode', '1.0.0', '>=1.102.0', schema)],
  evidence: 'published-schema',
  notes: [
    'Root keys servers and inputs; no other field is allowed in an entry.',
    'It asks for each input once and keeps the values, secrets encrypted.',
    'Which tools are on is chosen in its window; nothing in the file says it.',
  ],
  expresses: {
    transports: ['stdio', 'http', 'sse'],
    inputs: ['command', 'args', 'cwd', 'env', 'url', 'headers'],
    defaults: true,
    cwd: true,
    timeout: false,
    enabled: false,
    tools: { allow: false, deny: false },
    description: false,
  },
  targets: [
    '<project>/.vscode/mcp.json',
    '~/.config/Code/User/mcp.json',
    '~/Library/Application Support/Code/User/mcp.json',
    '%APPDATA%\\Code\\User\\mcp.json',
  ],
  // A default stands in the list of inputs, so none that is told is lost in a text.
  dialect: inputBraces,
  document: (servers, config) => ({
    ...said({ inputs: inputsOf(servers, config.inputs) }),
    servers: byName(servers, entryOf),
  }),
  rules: undeclared,
};

function entryOf(server: WrittenServer): JsonObject {
  return { type: server.transport, ...commonEntry(server), ...said({ cwd: server.cwd }) };
}

/** The inputs that the written servers use, as VS Code asks for them. */
function inputsOf(servers: readonly WrittenServer[], inputs: readonly NeutralInput[]): JsonObject[] {
  const used = new Set(inputsIn(servers).map(({ id }) => id));
  return inputs
    .filter(({ id }) => used.has(id))
    .map((one) => ({
      type: 'promptString',
      id: one.id,
      description: one.description ?? one.id,
      ...said({ default: canTellDefault(one, inputBraces) ? one.default : undefined, password: one.secret }),
    }));
}

/** VS Code leaves what nobody declared in the text. */
function undeclared(payload: JsonValue) {
  const { inputs = [], servers } = payload as { inputs?: { id: string }[]; servers: JsonObject };
  const known = new Set(inputs.map(({ id }) => id));
  return inputsIn(servers).flatMap(({ path, id }) =>
    known.has(id) ? [] : [{ pointer: pointerOf(['servers', ...path]), message: `No input has the id ${id}.` }],
  );
}
