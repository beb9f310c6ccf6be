import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPath, readerOf, writeExport } from '../../../client/src/config-files.ts';
import { verifyExported, verifyWhole } from '../../../client/src/verify/export.ts';
import { inCohort, type PublicKey, trustKey } from '../../../client/src/verify/index.ts';
import { tutti } from '../../../client/test/support.ts';
import { configOf, draftOf, filesServer, hasOpenssl, hasPrograms, ok, opensslVerifies } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const exportType = 'application/vnd.tutti.config.export+json';
const read = (...parts: string[]) => readFileSync(path.join(...parts), 'utf8');
const json = (...parts: string[]) => JSON.parse(read(...parts));

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let scratch: string;
let keys: string;
/** Exports one after the other, with what was current in each; by the last one the server is stopped. */
const folder = (name: string) => path.join(scratch, name);
let rotated: PublicKey;
let inside = '';
let outside = '';
let stopped = false;

const exportTo = (name: string, ...flags: string[]) =>
  tutti(['config', 'export', folder(name), ...flags], { url: server.url, token: config.who.client });
const verify = (name: string, ...flags: string[]) =>
  tutti(['config', 'verify', folder(name), '--keys', keys, ...flags]);
const cursor = ['--client', 'cursor', '--profile', 'prod'];

beforeAll(async () => {
  scratch = makeTempDir('export');
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  await config.profile('prod');
  await ok(config.publish('prod', draftOf(), { changelog: 'the wiki' }));
  expect(await exportTo('first')).toMatchObject({ code: 0 });
  await ok(config.publish('prod', draftOf(filesServer()), { changelog: 'files for some', rollout_percentage: 50 }));
  await config.profile('default', {}, 'zed');
  await ok(
    server.call(
      'publish_config',
      { client_id: 'zed', profile: 'default', draft_payload: { servers: [filesServer()] }, changelog: 'the files' },
      config.who.publisher,
    ),
  );
  expect(await exportTo('second')).toMatchObject({ code: 0 });
  expect(await exportTo('again')).toMatchObject({ code: 0 });
  expect(await exportTo('zed', '--client', 'zed')).toMatchObject({ code: 0 });
  const bound = await server.token('bea', ['config:read@zed/*']);
  const own = { url: server.url, token: bound.secret };
  expect(await tutti(['config', 'export', folder('bound')], own)).toMatchObject({ code: 0 });
  const { cohort } = json(folder('second'), 'index.json').releases.find(
    (one: { client_id: string; cohort: unknown }) => one.client_id === 'cursor' && one.cohort !== 'all',
  );
  const ids = Array.from({ length: 200 }, (_, at) => `client-number-${at}`);
  inside = ids.find((id) => inCohort(cohort, id)) ?? '';
  outside = ids.find((id) => !inCohort(cohort, id)) ?? '';
  keys = path.join(scratch, 'trusted.json');
  writeFileSync(keys, JSON.stringify(await ok(server.call('list_signing_keys', {}, config.who.client))));
  writeFileSync(
    path.join(scratch, 'answer.json'),
    JSON.stringify(await config.get('prod', { with_signed_bytes: true })),
  );
  const alg = 'ECDSA-P256-SHA256';
  rotated = await ok(server.call('rotate_signing_key', { alg, drop_old: true }, config.who.owner));
  expect(await exportTo('rotated')).toMatchObject({ code: 0 });
  // From here on nothing but files is left.
  await server.stop();
  stopped = true;
});
afterAll(async () => {
  if (!stopped) await server.stop();
  await rm(scratch, { recursive: true });
});

/** A copy of an export with one of its files changed. */
function changed(name: string, file: string, change: (text: string) => string): string {
  const copy = `${name}-${file.replaceAll(/\W/g, '-')}-${change.name}`;
  cpSync(folder(name), folder(copy), { recursive: true });
  writeFileSync(path.join(folder(copy), file), change(read(folder(copy), file)));
  return copy;
}

const flip = (text: string) => text.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '0' ? '1' : '0'));

describe('UC-5 air-gapped consumption: an export', () => {
  test('is the same for the same releases and keys, to the byte', () => {
    const files = readdirSync(folder('second'), { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.includes('.'),
    );
    expect(files.length).toBeGreaterThan(12);
    expect(readdirSync(folder('again'), { recursive: true, encoding: 'utf8' }).sort()).toEqual(
      readdirSync(folder('second'), { recursive: true, encoding: 'utf8' }).sort(),
    );
    for (const file of files) expect(read(folder('again'), file), file).toBe(read(folder('second'), file));
    expect(read(folder('first'), 'index.json')).not.toBe(read(folder('second'), 'index.json'));
  });

  test('verifies whole, with the server stopped', async () => {
    const done = await verify('second');
    expect(done, done.notes).toMatchObject({ code: 0, notes: '' });
    expect(done.out).toMatch(/whole and genuine: \d+ files, 3 releases/);
  });

  test('gives each client what is meant for it, to the letter', async () => {
    const some = await verify('second', ...cursor, '--fingerprint', inside);
    expect(some.code, some.notes).toBe(0);
    expect(JSON.parse(some.out)).toMatchObject({ verified: true, sequence: 2, changelog: 'files for some' });
    for (const flags of [[], ['--fingerprint', outside]]) {
      const other = await verify('second', ...cursor, ...flags);
      expect(JSON.parse(other.out)).toMatchObject({ sequence: 1, changelog: 'the wiki', version: '1.0.0' });
    }
    const { out } = await verify('second', ...cursor, '--fingerprint', inside, '--text');
    expect(Object.keys(JSON.parse(out).mcpServers)).toEqual(['wiki', 'files']);
    const { schema, schema_ref } = JSON.parse(some.out);
    expect(json(folder('second'), schema)).toMatchObject({ type: 'object' });
    const older = await verify('second', ...cursor, '--schema', schema_ref);
    expect(JSON.parse(older.out)).toMatchObject({ sequence: 1 });
  });

  test('verifies from any server for files, and by openssl', async () => {
    const files = createServer((request, response) => {
      try {
        response.end(readFileSync(path.join(folder('second'), new URL(request.url ?? '/', 'http://x').pathname)));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
    const done = await tutti(['config', 'verify', url, '--keys', keys, ...cursor]);
    const none = await tutti(['config', 'verify', `${url}/none`, '--keys', keys, ...cursor]);
    files.close();
    expect(JSON.parse(done.out)).toMatchObject({ verified: true, sequence: 1 });
    expect(none.code).not.toBe(0);

    const signed = (file: string) => [
      Buffer.from(read(folder('second'), `${file}.json`)),
      json(folder('second'), `${file}.sig.json`),
    ];
    const [key] = json(keys).items;
    const [index, signature] = signed('index');
    expect(opensslVerifies(exportType, index, signature, key.public_key)).toBe(true);
    const [{ artifact_id }] = json(folder('second'), 'index.json').releases;
    const [artifact, by] = signed(`objects/${artifact_id.slice(7)}`);
    expect(opensslVerifies('application/vnd.tutti.config.artifact+json', artifact, by, key.public_key)).toBe(true);
    expect(opensslVerifies('application/vnd.tutti.config.release+json', artifact, by, key.public_key)).toBe(false);
    expect(read(folder('second'), 'keys', `${key.key_id}.pem`)).toBe(key.public_key);
  });

  test.runIf(hasOpenssl && hasPrograms('bash', 'sha256sum', 'sed', 'base64'))(
    'verifies by the commands that lie in it, and not once an artifact was changed',
    async () => {
      cpSync(folder('first'), folder('by-hand'), { recursive: true });
      const [, commands = ''] = read(folder('by-hand'), 'readme.md').split('## With openssl');
      const block = [...commands.matchAll(/^ {4}(.*)$/gm)].map(([, line]) => line).join('\n');
      const [{ artifact_id }] = json(folder('by-hand'), 'index.json').releases;
      const script = block.replace('<hex of the id>', artifact_id.slice(7));
      expect(script).toMatch(/^id=[0-9a-f]{64}\n[\s\S]*openssl pkeyutl/);
      writeFileSync(path.join(folder('by-hand'), 'key.pem'), json(keys).items[0].public_key);
      const run = async () => {
        const bash = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder('by-hand') });
        return bash.then(({ stdout }) => stdout).catch(({ code }) => code);
      };
      expect(await run()).toContain('Signature Verified Successfully');
      const file = path.join(folder('by-hand'), 'objects', `${artifact_id.slice(7)}.json`);
      writeFileSync(file, readFileSync(file, 'utf8').replace('wiki.example.com', 'evil.example.com'));
      expect(await run()).toBe(1);
    },
  );

  test('and one answer of get_config in a file verify alike', async () => {
    const file = path.join(scratch, 'answer.json');
    const done = await tutti(['config', 'verify', file, '--keys', keys, ...cursor]);
    expect(JSON.parse(done.out)).toMatchObject({ verified: true, sequence: 1 });
    expect(await tutti(['config', 'verify', file, '--keys', keys])).toMatchObject({ code: 2 });
    const answer = json(file);
    const large = path.join(scratch, 'large.json');
    writeFileSync(large, read(file) + ' '.repeat(3 * 2 ** 20));
    expect(await tutti(['config', 'verify', large, '--keys', keys, ...cursor])).toMatchObject({ code: 0 });
    const text = Buffer.from(answer.signed_bytes.artifact, 'base64').toString();
    const evil = Buffer.from(text.replace('wiki.example.com', 'evil.example.com')).toString('base64');
    const changes = [
      { signed_bytes: { ...answer.signed_bytes, artifact: evil } },
      { signature: null },
      { release: {} },
      // What was signed, beside fields that say something else: those are what the next program reads.
      { text: answer.text.replace('wiki.example.com', 'evil.example.com') },
      { payload: { mcpServers: {} } },
      { artifact_id: `sha256:${'0'.repeat(64)}` },
      { payload_hash: `sha256:${'0'.repeat(64)}` },
      { release: { ...answer.release, sequence: 7 } },
    ];
    for (const change of changes) {
      writeFileSync(path.join(scratch, 'evil.json'), JSON.stringify({ ...answer, ...change }));
      const refusal = await tutti(['config', 'verify', path.join(scratch, 'evil.json'), '--keys', keys, ...cursor]);
      expect(refusal, JSON.stringify(change).slice(0, 40)).toMatchObject({ code: 1, out: '' });
    }
  });

  test('tells what was released lately, the newest first, and by whom', () => {
    const { items } = json(folder('second'), 'changes.json');
    expect(items.map(({ changelog }: { changelog: string }) => changelog)).toEqual([
      'the files',
      'files for some',
      'the wiki',
    ]);
    expect(items[1]).toMatchObject({ kind: 'rollout', sequence: 2, policy_set_id: 'baseline@1' });
  });

  test('holds what the token may read, and no more', () => {
    for (const name of ['zed', 'bound']) {
      const { releases } = json(folder(name), 'index.json');
      expect(releases.map((one: { client_id: string }) => one.client_id)).toEqual(['zed']);
      expect(read(folder(name), 'changes.json')).not.toContain('cursor');
    }
  });

  test('has names that every file system takes, whatever clients and profiles are called', () => {
    const files = readdirSync(folder('second'), { recursive: true, encoding: 'utf8' });
    for (const file of files)
      expect(file).toMatch(/^[a-z]+(\.sig)?(\.(json|md))?$|^(objects|schemas|keys)\/[0-9a-f]+(\.sig)?\.(json|pem)$/);
  });

  test('names what is in it: every file that the instructions speak of is there', () => {
    const { files } = json(folder('second'), 'index.json');
    const told = [...read(folder('second'), 'readme.md').matchAll(/^\| `([a-z.]+)/gm)].map(([, name = '']) => name);
    expect(told).toEqual(['index.json', 'index.sig.json', 'changes.json', 'objects', 'schemas', 'keys.json']);
    for (const name of told.slice(2)) {
      expect(
        files.some((one: { path: string }) => one.path.startsWith(name)),
        name,
      ).toBe(true);
    }
  });
});

describe('attacks on an export', () => {
  test('tamper: no file of it can be changed unnoticed', async () => {
    for (const { path: file } of json(folder('first'), 'index.json').files) {
      const done = await verify(changed('first', file, flip));
      expect(done, file).toMatchObject({ code: 1, out: '' });
      expect(done.notes, file).toMatch(/must not be used/);
    }
    for (const file of ['index.json', 'index.sig.json']) {
      expect(await verify(changed('first', file, flip)), file).toMatchObject({ code: 1, out: '' });
    }
  });

  test('tamper: a file that was taken away, or one that leads elsewhere, is noticed', async () => {
    const [{ statement_id }] = json(folder('first'), 'index.json').releases;
    cpSync(folder('first'), folder('less'), { recursive: true });
    await rm(path.join(folder('less'), 'objects', `${statement_id.slice(7)}.json`));
    expect((await verify('less', ...cursor)).code).not.toBe(0);
    const led = changed('first', 'index.json', function elsewhere(text) {
      return text.replace('"path":"changes.json"', '"path":"../../x.json"');
    });
    expect((await verify(led)).code).not.toBe(0);
  });

  test('rollback: an older export after a newer one is refused, and the memory of it is not made anew', async () => {
    const state = path.join(scratch, 'seen.json');
    const flags = [...cursor, '--fingerprint', inside, '--state', state];
    expect(await verify('second', ...flags)).toMatchObject({ code: 0 });
    expect(json(state)).toEqual({ 'default/cursor/prod': 2 });
    const back = await verify('first', ...flags);
    expect(back).toMatchObject({ code: 1, out: '' });
    expect(back.notes).toContain('a newer statement was taken before');
    expect(json(state)).toEqual({ 'default/cursor/prod': 2 });
    writeFileSync(state, '{"default/cursor/prod": "two"}');
    expect((await verify('first', ...flags)).notes).toContain('does not tell what was taken before');
  });

  test('mix-and-match: the index of one export over the parts of another is refused', async () => {
    cpSync(folder('second'), folder('mixed'), { recursive: true });
    cpSync(path.join(folder('first'), 'index.json'), path.join(folder('mixed'), 'index.json'));
    expect(await verify('mixed', ...cursor)).toMatchObject({ code: 1 });
    cpSync(path.join(folder('first'), 'index.sig.json'), path.join(folder('mixed'), 'index.sig.json'));
    // Both of an older export: what it binds is what it bound, so that only the whole old export could pass.
    expect((await verify('mixed')).notes).toMatch(/not the file that was exported/);
  });

  test('replay: for another client, profile or tenant there is nothing in it', async () => {
    for (const flags of [
      ['--client', 'codex', '--profile', 'prod'],
      ['--client', 'cursor', '--profile', 'dev'],
      [...cursor, '--tenant', 'other'],
    ]) {
      expect(await verify('second', ...flags), flags.join(' ')).toMatchObject({ code: 1, out: '' });
    }
  });

  test('freeze: an export whose statements ran out is refused', async () => {
    const trusted = json(keys).items.map((key: PublicKey) => trustKey(key));
    const late = new Date(Date.now() + 400 * 86_400_000);
    const expected = { tenant: 'default', client_id: 'cursor', profile: 'prod', lastSequence: 0, now: late };
    const from = readerOf(folder('second'));
    await expect(verifyExported(from, expected, trusted)).rejects.toThrow(/its time is over/);
    await expect(verifyWhole(from, expected, trusted)).rejects.toThrow(/its time is over/);
  });

  test('key compromise: after a leak an export holds by the new key alone, of whatever kind', async () => {
    const renewed = path.join(scratch, 'renewed.json');
    writeFileSync(renewed, JSON.stringify({ items: [rotated] }));
    const done = await tutti(['config', 'verify', folder('rotated'), '--keys', renewed]);
    expect(done, done.notes).toMatchObject({ code: 0 });
    expect(await tutti(['config', 'verify', folder('second'), '--keys', renewed])).toMatchObject({ code: 1 });
    expect((await verify('rotated')).notes).toContain('no trusted key signed it');
    const index = Buffer.from(read(folder('rotated'), 'index.json'));
    const signature = json(folder('rotated'), 'index.sig.json');
    expect(signature.alg).toBe('ECDSA-P256-SHA256');
    expect(opensslVerifies(exportType, index, signature, rotated.public_key)).toBe(true);
    expect(json(folder('rotated'), 'keys.json').items).toHaveLength(1);
  });

  test('rogue mirror: keys that come with an export are not trusted, and without any nothing is', async () => {
    const other = path.join(scratch, 'other.json');
    const [key] = json(keys).items;
    writeFileSync(other, JSON.stringify({ items: [{ ...key, key_id: '0123456789abcdef' }] }));
    const wrong = await tutti(['config', 'verify', folder('second'), '--keys', other]);
    expect(wrong).toMatchObject({ code: 1, notes: expect.stringContaining('no trusted key signed it') });
    const none = await tutti(['config', 'verify', folder('second')]);
    expect(none).toMatchObject({ code: 2, notes: expect.stringContaining('list_signing_keys') });
  });

  test.each([
    ['a client without a profile', ['--client', 'cursor'], 2, /both --client and --profile/],
    ['a folder that is not there', ['--client', 'cursor', '--profile', 'x'], 2, /cannot be read/],
  ])('%s is refused in a sentence', async (_what, flags, code, sentence) => {
    expect(await verify('none-such', ...flags)).toMatchObject({
      code,
      out: '',
      notes: expect.stringMatching(sentence),
    });
  });

  test.each([
    ['no list', { items: [] }, 2, /holds no keys/],
    ['half a key', { items: [{ key_id: 'x', alg: 'Ed25519' }] }, 2, /holds no keys/],
    ['another algorithm', { items: [{ key_id: 'x', alg: 'none', public_key: 'x' }] }, 1, /algorithm is not known/],
    ['no key at all', { items: [{ key_id: 'x', alg: 'Ed25519', public_key: 'x' }] }, 1, /no public key in PEM/],
  ])('weak key: a file of keys with %s is refused', async (_what, content, code, sentence) => {
    const file = path.join(scratch, 'bad-keys.json');
    writeFileSync(file, JSON.stringify(content));
    const done = await tutti(['config', 'verify', folder('first'), '--keys', file]);
    expect(done).toMatchObject({ code, out: '', notes: expect.stringMatching(sentence) });
  });

  test('endless data: a file that is larger than any of an export is not read', async () => {
    const copy = changed('first', 'index.json', function larger(text) {
      return text + ' '.repeat(2 ** 22);
    });
    expect((await verify(copy)).notes).toContain('larger than any of an export');
  });

  test('path traversal in rendered files: an export names no path but its own, and no link is followed', async () => {
    for (const name of [
      '../x.json',
      '/etc/x.json',
      'objects/../../x.json',
      'objects/.x.json',
      'x/y.json',
      'con.',
      'OBJECTS/a.json',
    ]) {
      expect(() => checkPath(name), name).toThrow(/outside of what an export has/);
      await expect(writeExport(folder('none'), [{ path: name, text: '' }])).rejects.toThrow(/outside/);
    }
    mkdirSync(folder('linked'));
    const victim = path.join(scratch, 'victim');
    writeFileSync(victim, 'mine');
    writeFileSync(path.join(folder('linked'), 'index.json'), '{}');
    symlinkSync(victim, path.join(folder('linked'), 'changes.json'));
    await writeExport(folder('linked'), [{ path: 'changes.json', text: 'new' }]);
    expect([read(victim), read(folder('linked'), 'changes.json')]).toEqual(['mine', 'new']);
  });

  test('a folder that is no export is left as it is', async () => {
    mkdirSync(folder('home'));
    writeFileSync(path.join(folder('home'), 'thesis.md'), 'years');
    await expect(writeExport(folder('home'), [{ path: 'index.json', text: '{}' }])).rejects.toThrow(/neither empty/);
    expect(readdirSync(folder('home'))).toEqual(['thesis.md']);
  });
});
