// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of clients, which must stay what they are
import path from 'node:path';
import { type NeutralConfig, parseNeutral } from '../../server/src/capabilities/config/families/neutral.ts';

const recorder = path.join(import.meta.dirname, 'recorder.mjs');

/** What the user of the client has set in the environment. */
export const given = {
  TEST_KEY: 'value-of-key',
  TEST_NODE: process.execPath,
  TEST_PATH: 'in-url',
  TEST_PROJECT: 'project',
};

/** How a started server was to be started, and a called one to be called. */
export interface Wanted {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How many of its two tools the client may show; Codex alone tells. */
  readonly tools?: number;
}

interface Probe extends Wanted {
  readonly name: string;
  readonly server: Record<string, unknown>;
}

/** One server for each thing that may go wrong; what a client cannot be told, its renderer leaves out. */
function probes(folder: string, url: string): Probe[] {
  const stdio = (name: string, args: readonly string[], more: Record<string, unknown> = {}) => ({
    name,
    transport: 'stdio',
    command: process.execPath,
    args: [recorder, path.join(folder, `${name}.json`), ...args],
    ...more,
  });
  const odd = [
    '"',
    "'",
    '\\',
    'a b',
    '# no',
    ': ',
    '{{x}}',
    '`id`',
    '$(id)',
    '',
    '50 %',
    'é😀',
    'no',
    '1.10',
    '\\u0024',
  ];
  return [
    {
      name: 'signs',
      args: odd,
      server: stdio('signs', odd, { env: { A: '\\"\'#', NO: 'no' } }),
      env: { A: '\\"\'#', NO: 'no' },
    },
    ...['$HOME', '${HOME}', '${HOME:-x}', '%HOME%', '{env:HOME}', '{file:/etc/hostname}', '${input:x y}'].map(
      (text, at) => {
        const name = `literal-${at}`;
        return { name, args: [text], server: stdio(name, [text]) };
      },
    ),
    {
      name: 'in-env',
      env: { TEST_KEY: given.TEST_KEY },
      server: stdio('in-env', [], { env: { TEST_KEY: '${input:key}' } }),
    },
    {
      name: 'renamed',
      env: { OTHER: `a${given.TEST_KEY}b` },
      server: stdio('renamed', [], { env: { OTHER: 'a${input:key}b' } }),
    },
    { name: 'in-args', args: [`--k=${given.TEST_KEY}`], server: stdio('in-args', ['--k=${input:key}']) },
    {
      name: 'default',
      env: { TEST_UNSET: '/srv' },
      server: stdio('default', [], { env: { TEST_UNSET: '${input:unset}' } }),
    },
    { name: 'cwd', cwd: folder, server: stdio('cwd', [], { cwd: folder }) },
    { name: 'allowed', tools: 1, server: stdio('allowed', [], { tools: { allow: ['shown'] } }) },
    { name: 'denied', tools: 1, server: stdio('denied', [], { tools: { deny: ['hidden'] } }) },
    { name: 'off', server: stdio('off', [], { enabled: false }) },
    { name: 'in-command', server: stdio('in-command', [], { command: '${input:node}' }) },
    { name: 'in-url', headers: {}, server: { name: 'in-url', transport: 'http', url: `${url}/\${input:path}` } },
    { name: 'in-cwd', cwd: folder, server: stdio('in-cwd', [], { cwd: `${path.dirname(folder)}/\${input:project}` }) },
    {
      name: 'bearer',
      headers: { authorization: `Bearer ${given.TEST_KEY}`, 'x-literal': 'a:b "c"' },
      server: {
        name: 'bearer',
        transport: 'http',
        url: `${url}/bearer`,
        headers: { Authorization: 'Bearer ${input:key}', 'X-Literal': 'a:b "c"' },
      },
    },
    { name: 'events', headers: {}, server: { name: 'events', transport: 'sse', url: `${url}/events` } },
  ];
}

export function expected(folder: string, url: string): { config: NeutralConfig; wanted: Map<string, Wanted> } {
  const all = probes(folder, url);
  const { config, problems } = parseNeutral({
    inputs: [
      { id: 'key', env: 'TEST_KEY', secret: true },
      { id: 'node', env: 'TEST_NODE' },
      { id: 'path', env: 'TEST_PATH' },
      { id: 'project', env: 'TEST_PROJECT' },
      { id: 'unset', env: 'TEST_UNSET', default: '/srv' },
    ],
    servers: all.map(({ server }) => server),
  });
  if (!config) throw new Error(JSON.stringify(problems));
  return { config, wanted: new Map(all.map(({ name, server: _, ...wanted }) => [name, wanted])) };
}
