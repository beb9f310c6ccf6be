import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { inCohort } from '../../../client/src/verify/index.ts';
import { renewStatements } from '../../src/capabilities/config/releases/renew.ts';
import { openSigningKeys } from '../../src/capabilities/config/releases/signing-keys.ts';
import { configOf, draftOf, filesServer, ok, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let who: typeof config.who;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  ({ who } = config);
});
afterAll(() => server.stop());

describe('the catalogue', () => {
  const entry = {
    name: 'io.example/files',
    version: '1.2.3',
    server: filesServer('1.2.3'),
    inputs: [],
  };

  test('describes a server once, for good, and drafts take it by name and exact version', async () => {
    await config.profile('catalogue');
    const put = await ok(server.call('put_catalog_server', { entry }, who.publisher));
    expect(put).toMatchObject({ ref: 'io.example/files@1.2.3', created: true });
    expect(await ok(server.call('put_catalog_server', { entry }, who.publisher))).toMatchObject({ created: false });
    const changed = { ...entry, server: filesServer('6.6.6') };
    expect(await refused(server.call('put_catalog_server', { entry: changed }, who.publisher))).toBe('CONFLICT');
    const made = await ok(config.publish('catalogue', { servers: [{ ref: 'io.example/files@1.2.3', name: 'mine' }] }));
    expect(made.provenance.sources).toEqual(['io.example/files@1.2.3']);
    expect(made.text).toContain('@example/files@1.2.3');
    const listed = await ok(server.call('list_catalog_servers', {}, who.client));
    expect(listed.items).toMatchObject([{ ref: 'io.example/files@1.2.3', imported: false }]);
    for (const more of [{ package: 0 }, { remote: 0 }, { server_json: {} }]) {
      expect(await refused(server.call('put_catalog_server', { entry, ...more }, who.publisher))).toBe(
        'VALIDATION_FAILED',
      );
    }
    const both = { server_json: {}, package: 0, remote: 0 };
    expect(await refused(server.call('put_catalog_server', both, who.publisher))).toBe('VALIDATION_FAILED');
    const vague = { servers: [{ ref: 'io.example/files@latest' }] };
    expect(await refused(config.publish('catalogue', vague))).toBe('INVALID_DRAFT');
  });
});

test('validate_draft keeps nothing and says what publishing would', async () => {
  await config.profile('tried', { policy_set_id: 'none' }, 'zed');
  const call = { client_id: 'zed', profile: 'tried', draft_payload: draftOf() };
  const report = await ok(server.call('validate_draft', call, who.publisher));
  expect(report.valid, 'Zed has no variables').toBe(false);
  expect(report.report.losses.length).toBeGreaterThan(0);
  expect(
    await ok(server.call('validate_draft', { ...call, draft_payload: { servers: [filesServer()] } }, who.publisher)),
  ).toMatchObject({
    valid: true,
    format: 'jsonc',
  });
  const kept = await ok(server.call('list_config_drafts', { profile: 'tried' }, who.publisher));
  expect(kept.items).toEqual([]);
});

describe('versions of a schema', () => {
  const of = (version: string, required: string, more = {}) => ({
    version,
    schema: { type: 'object', required: [required], additionalProperties: false, properties: { [required]: {} } },
    ...more,
  });
  const family = (...schemas: unknown[]) =>
    server.call('put_client_family', { client_id: 'radio', title: 'Radio', schemas }, who.owner);
  const publish = (draft_payload: unknown, schema_version?: string) =>
    server.call(
      'publish_config',
      { client_id: 'radio', profile: 'default', draft_payload, ...(schema_version && { schema_version }) },
      who.publisher,
    );
  const get = (...accept_schemas: string[]) =>
    server.call('get_config', { client_id: 'radio', profile: 'default', accept_schemas }, who.client);

  test('a client that reads an older schema gets the newest release that has it, and is told so', async () => {
    await ok(family(of('1.0.0', 'channels')));
    await config.profile('default', { policy_set_id: 'none' }, 'radio');
    await ok(publish({ channels: 1 }));
    await ok(publish({ channels: 2 }));
    await ok(family(of('2.0.0', 'stations')));
    expect(await refused(publish({ channels: 3 })), 'the newest is the default').toBe('INVALID_DRAFT');
    await ok(publish({ stations: 1 }));

    expect(await ok(get())).toMatchObject({
      payload: { stations: 1 },
      current: true,
      schema_ref: '/schemas/radio/2.0.0',
    });
    const older = await ok(get('^1'));
    expect(older).toMatchObject({ payload: { channels: 2 }, current: false, schema_ref: '/schemas/radio/1.0.0' });
    expect(await ok(get('/schemas/radio/1.0.0'))).toMatchObject({ artifact_id: older.artifact_id });
    expect(await ok(get('^1', '^2'))).toMatchObject({ current: true });
    expect(await refused(get('^3'))).toBe('SCHEMA_INCOMPATIBLE');

    const diff = (...accept_schemas: string[]) => {
      const { artifact_id: current_artifact_id } = older;
      const call = { client_id: 'radio', profile: 'default', current_artifact_id, accept_schemas };
      return server.call('diff_config', call, who.client);
    };
    expect(await ok(diff('^1')), 'up to date for a client that reads nothing newer').toMatchObject({
      status: 'up-to-date',
      latest_artifact_id: older.artifact_id,
    });
    expect(await ok(diff())).toMatchObject({ status: 'outdated' });
    expect(await refused(diff('^3'))).toBe('SCHEMA_INCOMPATIBLE');

    await ok(publish({ channels: 3 }, '1.0.0'));
    expect(await ok(get('^2'))).toMatchObject({ payload: { stations: 1 }, current: false });
    expect(await refused(publish({ channels: 3 }, '9.0.0'))).toBe('INVALID_DRAFT');
  });

  test('freeze: the statement for an older schema is renewed as well, for those who ask for it alone', async () => {
    const issuing = {
      keys: openSigningKeys(path.join(server.dataDir, 'keys'), { given: false }),
      tenant: 'default',
      statementDays: 30,
    };
    const [newest, older] = [await ok(get()), await ok(get('^2'))];
    expect(older.current).toBe(false);
    await renewStatements(server.database.db, issuing, new Date(Date.now() + 16 * 86_400_000));
    const renewed = await vi.waitFor(
      async () => {
        const got = await ok(get('^2'));
        expect(got.release.sequence).toBeGreaterThan(older.release.sequence);
        return got;
      },
      { timeout: 30_000 },
    );
    expect(renewed).toMatchObject({ artifact_id: older.artifact_id, current: false });
    expect(renewed.release.cohort).toEqual({ id: 'schema:2.0.0', percentage: 100 });
    expect(inCohort(renewed.release.cohort, 'any client at all')).toBe(true);
    expect(await ok(get())).toMatchObject({ artifact_id: newest.artifact_id, release: { cohort: 'all' } });
    const status = async () => {
      const { items } = await ok(server.call('list_config_releases', { profile: 'default' }, who.client));
      return items.find(({ cohort }: { cohort: string }) => cohort === 'schema:2.0.0').status;
    };
    expect(await status()).toBe('current');
    await ok(publish({ stations: 2 }));
    expect(await status(), 'a newer one of that schema is for those as well').toBe('superseded');
  });

  test('one that is deprecated still serves, and a draft for it is warned of', async () => {
    await ok(family(of('1.0.0', 'channels', { deprecated_at: '2020-01-01T00:00:00Z' })));
    const made = await ok(publish({ channels: 4 }, '1.0.0'));
    expect(made.report.warnings).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('deprecated') },
    ]);
    const { items } = await ok(server.call('list_clients', {}, who.client));
    const { schemas } = items.find((one: { client_id: string }) => one.client_id === 'radio');
    expect(schemas).toMatchObject([
      { version: '1.0.0', deprecated_at: '2020-01-01T00:00:00.000Z' },
      { version: '2.0.0' },
    ]);
  });

  test('a family that is put again keeps what is left out: format, words, ranges, the time of a deprecation', async () => {
    const schema = { type: 'object' };
    const put = (version: string, more = {}, ofFamily = {}) => {
      const schemas = [{ version, schema, ...more }];
      return ok(
        server.call('put_client_family', { client_id: 'lamp', title: 'Lamp', schemas, ...ofFamily }, who.owner),
      );
    };
    await put('1.0.0', { version_range: '<2' }, { format: 'yaml', capabilities: ['shines'], notes: ['needs oil'] });
    const deprecated_at = '2020-01-01T00:00:00.000Z';
    await put('1.0.0', { deprecated_at });
    await put('1.0.0');
    await put('2.0.0');
    const { items } = await ok(server.call('list_clients', {}, who.client));
    const lamp = items.find((one: { client_id: string }) => one.client_id === 'lamp');
    expect(lamp).toMatchObject({ format: 'yaml', capabilities: ['shines'], notes: ['needs oil'] });
    expect(lamp.schemas).toMatchObject([{ version_range: '<2', deprecated_at }, { version_range: '*' }]);
  });

  test('one version that is given twice is refused, whichever schema was meant', async () => {
    const schemas = ['object', 'array'].map((type) => ({ version: '1.0.0', schema: { type } }));
    const { body } = await server.call('put_client_family', { client_id: 'odd', title: 'Odd', schemas }, who.owner);
    expect(body.error).toMatchObject({
      code: 'INVALID_CLIENT_FAMILY',
      details: { problems: [{ pointer: '/schemas/1/version' }] },
    });
  });

  test.each([
    ['a pattern that no linear engine takes', { type: 'string', pattern: '(a)\\1' }],
    ['a type that is none', { type: 'text' }],
    ['a reference to elsewhere', { $ref: 'https://schemas.example.com/x.json' }],
  ])('%s makes no schema', async (_what, schema) => {
    const call = { client_id: 'odd', title: 'Odd', schemas: [{ version: '1.0.0', schema }] };
    expect(await refused(server.call('put_client_family', call, who.owner))).toBe('INVALID_CLIENT_FAMILY');
  });
});
