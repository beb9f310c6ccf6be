// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of clients, not of ours
import fc from 'fast-check';
import { expect } from 'vitest';
import { checkPayload } from '../../../src/capabilities/config/families/check.ts';
import type { BuiltInFamily } from '../../../src/capabilities/config/families/family.ts';
import { parseText } from '../../../src/capabilities/config/families/format.ts';
import { envOf, type NeutralServer, parseNeutral } from '../../../src/capabilities/config/families/neutral.ts';
import { render } from '../../../src/capabilities/config/families/render.ts';
import { understand } from './client-model.ts';

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
const inputs = [
  { id: 'key', env: 'COPILOT_MCP_KEY', secret: true },
  { id: 'dir', env: 'COPILOT_MCP_DIR', default: '/srv/a' },
  { id: 'odd', env: 'COPILOT_MCP_ODD', default: 'a}b${HOME}' },
];
const values: Readonly<Record<string, string>> = { key: 'VALUE-OF-KEY', dir: 'VALUE-OF-DIR', odd: 'VALUE-OF-ODD' };
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
  });
  const remote = fc.record({
    url: fc.tuple(fc.constantFrom('https://example.com/', '${input:key}'), text).map((parts) => parts.join('')),
    headers: fc.dictionary(
      fc.constantFrom('Authorization', 'no', 'X-A'),
      fc.oneof(text, fc.constant('Bearer ${input:key}')),
    ),
  });
  return fc.oneof(
    local.map((fields) => ({ transport: 'stdio', ...fields })),
    remote.map((fields) => ({ transport: 'http', ...fields })),
  );
}

const config = fc
  .array(fc.oneof(serverOf(anyText), serverOf(tame)), { minLength: 1, maxLength: 2 })
  .map((servers) => parseNeutral({ inputs, servers: servers.map((one, at) => ({ name: `s${at}`, ...one })) }).config)
  .filter((one) => one !== undefined);

/** What a client is to do with a server, once the user has given the values. */
function meaning({ name, command, args = [], env = {}, url, headers = {} }: NeutralServer) {
  const filled = (one: string) => one.replace(/\$\{input:(key|dir|odd)\}/g, (_, id: string) => values[id] ?? '');
  const all = (map: Record<string, string>) =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, filled(value)]));
  const [start, address] = [command, url].map((one) => (one === undefined ? undefined : filled(one)));
  return { name, command: start, args: args.map(filled), env: all(env), url: address, headers: all(headers) };
}

/** The values that a user has given. Every other name leads to what nobody may ever see. */
function lookup(name: string): string {
  const input = inputs.find((one) => one.id === name || envOf(one) === name);
  return (input && values[input.id]) ?? 'LEAK';
}

/** Renders generated configurations for a client, and expects that the client understands what was meant. */
export function checkRendering(family: BuiltInFamily, runs: number): void {
  let kept = 0;
  fc.assert(
    fc.property(config, (given) => {
      const { payload, text, format, losses } = render(family, given);
      expect(checkPayload(family, '1.0.0', payload, text)).toEqual([]);
      const understood = understand(family.client_id, text, (one) => parseText(one, format), lookup);
      const names = new Set(understood.map(({ name }) => name));
      kept += names.size;
      expect(understood).toEqual(given.servers.filter(({ name }) => names.has(name)).map(meaning));
      for (const [at, one] of given.servers.entries()) {
        const refused = losses.some((loss) => loss.severity === 'error' && loss.pointer.startsWith(`/servers/${at}/`));
        expect(refused).toBe(!names.has(one.name));
      }
    }),
    { numRuns: runs },
  );
  // Else nothing was looked at.
  expect(kept).toBeGreaterThan(0);
}
