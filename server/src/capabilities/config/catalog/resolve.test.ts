// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs, written as they are
import { describe, expect, test } from 'vitest';
import { type CatalogEntry, parseEntry } from './entry.ts';
import { resolveDraft } from './resolve.ts';

const github: CatalogEntry = {
  name: 'io.github/github',
  version: '1.2.0',
  server: {
    name: 'github',
    transport: 'stdio',
    command: 'npx',
    args: ['-y', 'github-mcp@1.2.0'],
    env: { TOKEN: '${input:TOKEN}', MODE: 'all' },
  },
  inputs: [{ id: 'TOKEN', secret: true }],
};
const find = async (name: string, version: string) =>
  name === github.name && version === github.version ? github : undefined;
const resolve = (servers: object[], inputs: object[] = []) => resolveDraft({ inputs, servers }, find);

describe('a draft', () => {
  test('gets the servers that it refers to, with what is different in it, and their inputs', async () => {
    const own = { name: 'wiki', transport: 'http', url: 'https://wiki.example.com/mcp' };
    const ref = { ref: 'io.github/github@1.2.0', name: 'gh', env: { MODE: 'read' }, tools: { deny: ['rm'] } };
    expect(await resolve([own, ref])).toEqual({
      config: {
        inputs: github.inputs,
        servers: [
          own,
          {
            ...github.server,
            name: 'gh',
            env: { TOKEN: '${input:TOKEN}', MODE: 'read' },
            tools: { deny: ['rm'] },
            source: { catalog: 'io.github/github@1.2.0' },
          },
        ],
      },
      sources: ['io.github/github@1.2.0'],
      problems: [],
    });
  });

  test('may declare the same input as the entry, and no other of its id', async () => {
    const ref = { ref: 'io.github/github@1.2.0' };
    expect((await resolve([ref], [{ id: 'TOKEN', secret: true }])).problems).toEqual([]);
    // Else the value of one would go where the other was meant.
    expect((await resolve([ref], [{ id: 'TOKEN', env: 'OTHER' }])).problems).toMatchObject([
      { pointer: '/servers/0/ref' },
    ]);
  });

  // Attack: policy bypass by alias, `server@1` for `server@^1`.
  test.each(['', '@1.2.0', '@^1.2.0', '@1.2', '@latest', '@v1.2.0', '@ 1.2.0', '@1.2.0+x', '@1.3.0'])(
    'that names an entry as "io.github/github%s" is taken only where that is one exact version',
    async (version) => {
      const { config, problems } = await resolve([{ ref: `io.github/github${version}` }]);
      expect([config !== undefined, problems.length]).toEqual(version === '@1.2.0' ? [true, 0] : [false, 1]);
    },
  );

  test('cannot change what an entry runs', async () => {
    for (const other of [{ command: 'sh' }, { args: ['-c', 'id'] }, { url: 'https://evil.example' }, { package: {} }])
      expect((await resolve([{ ref: 'io.github/github@1.2.0', ...other }])).config).toBeUndefined();
  });
});

test('an entry names no input but its own', () => {
  expect(parseEntry(github)).toEqual({ entry: github, problems: [] });
  expect(parseEntry({ ...github, inputs: [] }).problems).toMatchObject([{ pointer: '/server/env/TOKEN' }]);
  expect(parseEntry({ ...github, version: '^1.0.0' }).problems).toMatchObject([{ pointer: '/version' }]);
});
