// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of clients, not of ours
import fc from 'fast-check';
import { expect } from 'vitest';
import { checkPayload } from '../../../src/capabilities/config/families/check.ts';
import type { BuiltInFamily } from '../../../src/capabilities/config/families/family.ts';
import { parseText } from '../../../src/capabilities/config/families/format.ts';
import {
  envOf,
  type NeutralInput,
  type NeutralServer,
  parseNeutral,
  pointerOf,
} from '../../../src/capabilities/config/families/neutral.ts';
import { render } from '../../../src/capabilities/config/families/render.ts';
import { type Lookup, understand } from './client-model.ts';

/** What some client takes for a variable, for a quote, an escape, a comment, a document, a number or a boolean. */
const nasty = [
  ...String.raw`$ \${ } \${HOME} \${HOME:-x} $HOME %HOME% % {env:HOME} {env: {file:/etc/passwd} \${env:HOME} \${input:other} \${{ }} {{HOME}}
    \${workspaceFolder} $$ :- " ' """ ''' \ \" \u0024{HOME} \n # // /* */ &a *a !!js/function | > --- ... << ~ null no on yes true 1.10
    0x1f 1e3 = [ ] { , key input env: KEY ID`
    .replaceAll('\\${', '${')
    .split(/\s+/),
  ...['${{ secrets.HOME }}', '`', ': ', '- ', ' ', '\u0085', '\u00a0', '\u2028', '\u2029', 'é', '😀'],
];

const literal = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nasty) },
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const inputs: readonly NeutralInput[] = [
  { id: 'key', env: 'COPILOT_MCP_KEY', secret: true },
  { id: 'dir', env: 'COPILOT_MCP_DIR', default: '/srv/a' },
  { id: 'odd', env: 'COPILOT_MCP_ODD', default: 'a}b${HOME}' },
  { id: 'word', env: 'COPILOT_MCP_WORD', default: '$HOME%HOME%' },
  { id: 'open', env: 'COPILOT_MCP_OPEN', default: '${HOME' },
];
type Input = NeutralInput;
const piece = fc.oneof(
  { weight: 3, arbitrary: literal },
  fc.constantFrom(...inputs.map(({ id }) => `\${input:${id}}`)),
);
const joined = (one: fc.Arbitrary<string>) =>
  fc.array(one, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
/** Texts of an author who means harm. */
export const anyText = fc.oneof(joined(piece), joined(literal));
/** Texts that every client can write, so that there is always something to look at. */
const tame = joined(fc.constantFrom('a', 'no', '1.10', '-', 'é', '"', "'", '\\', ': ', '#'));

function serverOf(text: fc.Arbitrary<string>): fc.Arbitrary<object> {
  const names = fc.constantFrom('A', 'NO', 'COPILOT_MCP_KEY', 'COPILOT_MCP_DIR');
  const local = fc.record({
    command: text,
    args: fc.array(text, { maxLength: 3 }),
    env: fc.dictionary(names, text, { maxKeys: 3 }),
    ...rarely({ cwd: text, description: text }),
  });
  const remote = fc.record({
    url: fc.tuple(fc.constantFrom('https://example.com/', '${input:key}'), text).map((parts) => parts.join('')),
    headers: fc.dictionary(
      fc.constantFrom('Authorization', 'no', 'X-A'),
      fc.oneof(text, fc.constant('Bearer ${input:key}')),
    ),
    ...rarely({ description: text }),
  });
  return fc.oneof(
    local.map((fields) => ({ transport: 'stdio', ...fields })),
    fc.tuple(fc.constantFrom('http', 'http', 'sse'), remote).map(([transport, fields]) => ({ transport, ...fields })),
  );
}

/** Fields of which most clients know nothing, seldom enough to leave them something to look at. */
function rarely(fields: Readonly<Record<string, fc.Arbitrary<string>>>) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, fc.option(text, { freq: 2, nil: undefined })]),
  );
}

const config = fc
  .array(fc.oneof(serverOf(anyText), serverOf(tame)), { minLength: 1, maxLength: 2 })
  .map((servers) => parseNeutral({ inputs, servers: servers.map((one, at) => ({ name: `s${at}`, ...one })) }).config)
  .filter((one) => one !== undefined);

/** What an input comes to in the text at a pointer. */
type ComesTo = (input: Input, pointer: string) => string;

/** What a client is to do with a server. */
function meaning(
  { name, command, args = [], cwd, env = {}, url, headers = {} }: NeutralServer,
  at: number,
  comesTo: ComesTo,
) {
  const filled = (one: string, ...path: PropertyKey[]) =>
    one.replace(/\$\{input:(\w+)\}/g, (whole, id: string) => {
      const input = inputs.find((known) => known.id === id);
      return input ? comesTo(input, pointerOf(['servers', at, ...path])) : whole;
    });
  const all = (map: Record<string, string>, place: string) =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, filled(value, place, key)]));
  const some = (one: string | undefined, place: string) => (one === undefined ? undefined : filled(one, place));
  return {
    name,
    command: some(command, 'command'),
    args: args.map((one, index) => filled(one, 'args', index)),
    cwd: some(cwd, 'cwd'),
    env: all(env, 'env'),
    url: some(url, 'url'),
    headers: all(headers, 'headers'),
  };
}

const inputOf = (name: string) => inputs.find((one) => one.id === name || envOf(one) === name);
const given: ComesTo = ({ id }) => `VALUE-OF-${id}`;
const unset = ({ id }: Input) => `UNSET-${id}`;

/** What clients find under a name once the user has given the values. Every other name leads to what nobody may ever see. */
const values: Lookup = (name) => {
  const input = inputOf(name);
  return input ? given(input, '') : 'LEAK';
};
/** The same for a user who has given nothing. */
const nothing: Lookup = (name, fallback) => {
  const input = inputOf(name);
  return input ? (fallback ?? unset(input)) : 'LEAK';
};

/** Renders generated configurations for a client, and expects that the client understands what was meant. */
export function checkRendering(family: BuiltInFamily, runs: number): void {
  let kept = 0;
  fc.assert(
    fc.property(config, (neutral) => {
      const { payload, text, format, losses } = render(family, neutral);
      expect(checkPayload(family, '1.0.0', payload, text)).toEqual([]);
      const by = (lookup: Lookup) =>
        understand(family.client_id, text, (one) => parseText(one, format), lookup).map(({ description, ...rest }) => {
          expect(description ?? '').not.toContain('LEAK');
          return rest;
        });
      const understood = by(values);
      const names = new Set(understood.map(({ name }) => name));
      kept += names.size;
      const expected = (comesTo: ComesTo) =>
        neutral.servers.flatMap((one, at) => (names.has(one.name) ? [meaning(one, at, comesTo)] : []));
      expect(understood).toEqual(expected(given));
      // A default is told, or the report says that it is not.
      const isLost = ({ id }: Input, pointer: string) =>
        losses.some((loss) => loss.feature === 'default' && loss.pointer === pointer && loss.why.endsWith(` ${id}.`));
      const fallen: ComesTo = (input, pointer) =>
        input.default === undefined || isLost(input, pointer) ? unset(input) : input.default;
      expect(by(nothing)).toEqual(expected(fallen));
      for (const [at, one] of neutral.servers.entries()) {
        const refused = losses.some((loss) => loss.severity === 'error' && loss.pointer.startsWith(`/servers/${at}/`));
        expect(refused).toBe(!names.has(one.name));
      }
    }),
    { numRuns: runs },
  );
  // Else nothing was looked at.
  expect(kept).toBeGreaterThan(0);
}
