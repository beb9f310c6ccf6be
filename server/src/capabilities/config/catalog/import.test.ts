// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs, written as they are
import { describe, expect, test } from 'vitest';
import { type Choice, importServerJson } from './import.ts';
import { alikeNames } from './squat.ts';

const npm = {
  registryType: 'npm',
  registryBaseUrl: 'https://registry.npmjs.org',
  identifier: '@modelcontextprotocol/server-brave-search',
  version: '1.0.2',
  transport: { type: 'stdio' },
};
const remote = { type: 'streamable-http', url: 'https://mcp.example.com/{tenant}/mcp', variables: { tenant: {} } };

/** A server.json of the registry. */
const document = (more: object) => ({
  $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  name: 'io.github.owner/Brave.Search',
  description: 'Searches the web',
  version: '1.0.2',
  ...more,
});
const imported = (more: object, choice?: Choice) => importServerJson(document(more), choice);
const errors = (more: object) =>
  imported(more)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ pointer }) => pointer);

describe('a server.json of the registry', () => {
  test('of an npm package runs it at exactly its version, with inputs for what the user gives', () => {
    const environmentVariables = [
      { name: 'BRAVE_API_KEY', description: 'A key', isRequired: true, isSecret: true },
      { name: 'REGION', default: 'eu' },
      { name: 'MODE', value: 'read-{level}', variables: { level: { isRequired: true } } },
      { name: 'PROXY' },
    ];
    const packageArguments = [
      { type: 'named', name: '--root', isRequired: true, description: 'Where' },
      { type: 'named', name: '--verbose' },
      { type: 'positional', valueHint: 'target_dir', value: '/srv/{name}', variables: { name: { value: 'data' } } },
    ];
    const { entry, problems } = imported({ packages: [{ ...npm, environmentVariables, packageArguments }] });
    expect(entry).toEqual({
      name: 'io.github.owner/Brave.Search',
      version: '1.0.2',
      server: {
        name: 'brave-search',
        transport: 'stdio',
        command: 'npx',
        args: ['-y', `${npm.identifier}@1.0.2`, '--root', '${input:root}', '--verbose', '/srv/data'],
        env: { BRAVE_API_KEY: '${input:BRAVE_API_KEY}', REGION: '${input:REGION}', MODE: 'read-${input:level}' },
        description: 'Searches the web',
        package: { registry: 'npm', identifier: npm.identifier, version: '1.0.2' },
      },
      inputs: [
        { id: 'BRAVE_API_KEY', description: 'A key', secret: true, env: 'BRAVE_API_KEY' },
        { id: 'REGION', env: 'REGION', default: 'eu' },
        { id: 'level' },
        { id: 'root', description: 'Where' },
      ],
    });
    expect(problems).toMatchObject([{ pointer: '/packages/0/environmentVariables/3', severity: 'warning' }]);
  });

  test('of a Python package and of an image runs them at exactly their version', () => {
    const pypi = { registryType: 'pypi', identifier: 'mcp-server-time', version: '2026.8.1', transport: npm.transport };
    expect(imported({ packages: [pypi] }).entry?.server).toMatchObject({
      command: 'uvx',
      args: ['mcp-server-time@2026.8.1'],
    });
    const oci = { registryType: 'oci', identifier: 'ghcr.io/owner/server:1.2.0', transport: npm.transport };
    const environmentVariables = [{ name: 'KEY', isRequired: true, isSecret: true }];
    expect(imported({ packages: [{ ...oci, environmentVariables }] }).entry?.server).toMatchObject({
      command: 'docker',
      args: ['run', '-i', '--rm', '-e', 'KEY', 'ghcr.io/owner/server:1.2.0'],
      env: { KEY: '${input:KEY}' },
      package: { registry: 'oci', version: '1.2.0' },
    });
  });

  test('of a remote server keeps its address and headers', () => {
    const headers = [{ name: 'Authorization', value: 'Bearer {token}', variables: { token: { isSecret: true } } }];
    const { entry, problems } = imported({ packages: [npm], remotes: [{ ...remote, headers }] }, { remote: 0 });
    expect(problems).toEqual([]);
    expect(entry?.server).toMatchObject({
      transport: 'http',
      url: 'https://mcp.example.com/${input:tenant}/mcp',
      headers: { Authorization: 'Bearer ${input:token}' },
    });
    expect(entry?.inputs).toEqual([{ id: 'token', secret: true }, { id: 'tenant' }]);
  });

  test.each([
    ['a tag for a version', { packages: [{ ...npm, version: 'latest' }] }, '/packages/0/version'],
    ['a range', { packages: [{ ...npm, version: '^1.0.0' }] }, '/packages/0/version'],
    ['no version', { packages: [{ ...npm, version: undefined }] }, '/packages/0/version'],
    ['a version with a flag in it', { packages: [{ ...npm, version: '1.0.0 --yes' }] }, '/packages/0/version'],
    [
      'a registry of its own',
      { packages: [{ ...npm, registryBaseUrl: 'https://evil.example' }] },
      '/packages/0/registryBaseUrl',
    ],
    [
      'a registry that begins alike',
      { packages: [{ ...npm, registryBaseUrl: 'https://registry.npmjs.org.evil.example' }] },
      '/packages/0/registryBaseUrl',
    ],
    ['a shell for a runtime', { packages: [{ ...npm, runtimeHint: 'sh' }] }, '/packages/0/runtimeHint'],
    [
      'a URL for a package',
      { packages: [{ ...npm, identifier: 'https://evil.example/a.tgz' }] },
      '/packages/0/identifier',
    ],
    ['a flag for a package', { packages: [{ ...npm, identifier: '--call=id' }] }, '/packages/0/identifier'],
    [
      'an image without a tag',
      { packages: [{ ...npm, registryType: 'oci', registryBaseUrl: undefined, identifier: 'owner/a', version: '1' }] },
      '/packages/0/identifier',
    ],
    [
      'an image at latest',
      {
        packages: [
          { ...npm, registryType: 'oci', registryBaseUrl: undefined, identifier: 'owner/a:latest', version: '1' },
        ],
      },
      '/packages/0/identifier',
    ],
    [
      'an image of another registry than it names',
      {
        packages: [{ ...npm, registryType: 'oci', registryBaseUrl: 'https://ghcr.io', identifier: 'owner/a:1.0.0' }],
      },
      '/packages/0/registryBaseUrl',
    ],
    [
      'an image at another version than it names',
      {
        packages: [{ ...npm, registryType: 'oci', registryBaseUrl: undefined, identifier: 'owner/a:2.0.0' }],
      },
      '/packages/0/version',
    ],
    ['a bundle to be downloaded', { packages: [{ ...npm, registryType: 'mcpb' }] }, '/packages/0/registryType'],
    [
      'a registry called constructor',
      { packages: [{ ...npm, registryType: 'constructor' }] },
      '/packages/0/registryType',
    ],
    [
      'a secret that has a default',
      {
        packages: [{ ...npm, environmentVariables: [{ name: 'KEY', isRequired: true, isSecret: true, default: 'x' }] }],
      },
      '/packages/0/environmentVariables/0',
    ],
    [
      'what would become an input of ours',
      { packages: [{ ...npm, packageArguments: [{ type: 'positional', value: '${input:GITHUB_TOKEN}' }] }] },
      '/packages/0/packageArguments/0',
    ],
    [
      'two inputs of one name that differ',
      {
        packages: [
          {
            ...npm,
            environmentVariables: [
              { name: 'KEY', isRequired: true },
              { name: 'KEY', isRequired: true, isSecret: true },
            ],
          },
        ],
      },
      '/packages/0/environmentVariables/1',
    ],
    [
      'a deleted version',
      { packages: [npm], _meta: { 'io.modelcontextprotocol.registry/official': { status: 'deleted' } } },
      '/_meta',
    ],
    ['another schema', { packages: [npm], $schema: 'https://example.com/schema.json' }, '/$schema'],
    ['a name that only looks like another', { packages: [npm], name: 'io.github.owner/brаve' }, '/name'],
    ['nothing to run', {}, ''],
  ])('registry import poisoning: with %s is refused', (_what, more, pointer) => {
    expect(errors(more)).toContain(pointer);
    expect(imported(more).entry).toBeUndefined();
  });

  test('is taken as a registry answers it, with the status beside it', () => {
    const answer = (status: string, more: object = {}) => ({
      server: document({ packages: [{ ...npm, ...more }] }),
      _meta: { 'io.modelcontextprotocol.registry/official': { status } },
    });
    expect(importServerJson(answer('active'))).toEqual(imported({ packages: [npm] }));
    const deleted = importServerJson(answer('deleted'));
    expect(deleted.entry).toBeUndefined();
    expect(deleted.problems).toMatchObject([{ pointer: '/_meta', severity: 'error' }]);
    expect(importServerJson(answer('active', { version: 'latest' })).problems).toMatchObject([
      { pointer: '/server/packages/0/version' },
    ]);
  });

  test('with arguments for the runtime is taken with a warning', () => {
    const runtimeArguments = [{ type: 'named', name: '--registry', value: 'https://registry.npmjs.org' }];
    const { entry, problems } = imported({ packages: [{ ...npm, runtimeArguments }] });
    expect(entry?.server.args?.slice(0, 3)).toEqual(['-y', '--registry', 'https://registry.npmjs.org']);
    expect(problems).toMatchObject([{ pointer: '/packages/0/runtimeArguments', severity: 'warning' }]);
  });
});

describe('registry import poisoning: a name that could be mistaken for another', () => {
  const known = ['io.github.modelcontextprotocol/filesystem', 'com.stripe/payments'];

  test.each([
    ['io.github.m0delcontextprotocol/filesystem', 'filesystem'],
    ['io.evil/file-system', 'filesystem'],
    ['io.evil/fi1esystem', 'filesystem'],
    ['io.evil/filesytsem', 'filesystem'],
    ['com.stripe.evil/payment', 'payments'],
  ])('%s is told apart', (name, other) => {
    expect(alikeNames(name, known)).toEqual(known.filter((one) => one.endsWith(other)));
  });

  test('is neither itself nor what merely has the same length', () => {
    expect(alikeNames('com.stripe/payments', known)).toEqual([]);
    expect(alikeNames('com.example/calendar', known)).toEqual([]);
  });
});
