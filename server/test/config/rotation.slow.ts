import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tutti } from '../../../client/test/support.ts';
import { keys as keysCommand } from '../../src/keys-command.ts';
import { configOf, draftOf, filesServer, ok, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
const scratch = makeTempDir('rotation');

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  await config.profile('prod', { policy_set_id: 'none' });
  await ok(config.publish('prod', draftOf(), { changelog: 'first' }));
});
afterAll(async () => {
  await server.stop();
  await rm(scratch, { recursive: true });
});

const rotate = (input: Record<string, unknown> = {}) => server.call('rotate_signing_key', input, config.who.owner);
const listed = () => ok(server.call('list_signing_keys', {}, config.who.client));
const states = async () =>
  (await listed()).items.map(({ key_id, state }: Record<string, string>) => `${key_id} ${state}`);
const signers = async () => {
  const { signature, release } = await config.get('prod');
  return [signature.key_id, release.signature.key_id];
};
let files = 0;
const file = (content: unknown) => {
  files += 1;
  const name = path.join(scratch, `${files}.json`);
  writeFileSync(name, JSON.stringify(content));
  return name;
};
/** Whether a client that was given these keys takes what is current now. */
async function takes(keys: string): Promise<boolean> {
  const answer = file(await config.get('prod', { with_signed_bytes: true }));
  const { code, notes } = await tutti([
    'config',
    'verify',
    answer,
    '--keys',
    keys,
    ...['--client', 'cursor', '--profile', 'prod'],
  ]);
  if (code !== 0) expect(notes).toContain('no trusted key signed it');
  return code === 0;
}

describe('a rotation', () => {
  test('leaves a way back: what is made current again is signed by the new key at once', async () => {
    await config.profile('back', { policy_set_id: 'none' });
    const [first] = [
      await ok(config.publish('back', draftOf())),
      await ok(config.publish('back', draftOf(filesServer()))),
    ];
    const { key_id } = await ok(rotate());
    const { artifact_id } = first;
    const input = { client_id: 'cursor', profile: 'back', artifact_id, changelog: 'back' };
    const back = await ok(server.call('revert_config', input, config.who.publisher));
    expect([back.signature.key_id, back.release.signature.key_id]).toEqual([key_id, key_id]);
    expect(await config.get('back')).toMatchObject({ artifact_id, signature: { key_id } });
  });

  test('key compromise: one whose signatures are not committed drops no key', async () => {
    const { db } = server.database;
    await sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''full''; end'`.execute(
      db,
    );
    await sql`create constraint trigger refuse after insert on config_signatures deferrable initially deferred
      for each row execute function refuse()`.execute(db);
    expect((await rotate({ drop_old: true })).status).toBe(500);
    await sql`drop trigger refuse on config_signatures`.execute(db);
    expect((await config.get('prod')).version).toBe('1.0.0');
    const made = await ok(rotate({ drop_old: true }));
    expect(await states()).toEqual([`${made.key_id} current`]);
    expect(await signers()).toEqual([made.key_id, made.key_id]);
  });
});

describe('by tutti keys', () => {
  const keys = async (...args: string[]) => {
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
    const code = await keysCommand([...args, '--data-dir', server.dataDir, '--database-url', server.database.url]);
    vi.restoreAllMocks();
    expect(code, args.join(' ')).toBe(0);
  };
  const follows = async (wanted: number) => {
    await vi.waitFor(async () => expect(await states()).toHaveLength(wanted), { timeout: 30_000, interval: 50 });
    const [{ key_id }] = (await listed()).items;
    expect(await signers()).toEqual([key_id, key_id]);
  };

  test('key compromise: what is current is signed before the keys that leaked are dropped', async () => {
    const before = await signers();
    await keys('rotate', 'config-release', '--drop-old');
    await vi.waitFor(async () => expect((await listed()).items[0].key_id).not.toBe(before[0]), { timeout: 30_000 });
    await follows(1);
  });

  test('one that was just prepared is the one that the tool takes', async () => {
    await keys('prepare', 'config-release');
    const { next } = JSON.parse(readFileSync(path.join(server.dataDir, 'keys/config-release.json'), 'utf8'));
    expect((await ok(rotate())).key_id).toBe(next);
    await keys('drop-old', 'config-release');
    await follows(1);
  });

  test('keys are dropped once what is current is signed by the one that stays', async () => {
    await keys('rotate', 'config-release');
    await follows(2);
    await keys('drop-old', 'config-release');
    await follows(1);
  });
});

describe('a signing key that is prepared', () => {
  test('is handed out before it signs: who has it verifies all the time, who has not stops at the rotation', async () => {
    const before = await listed();
    const old = before.items[0].key_id;
    const made = await ok(rotate({ prepare: true }));
    expect(made).toMatchObject({ state: 'next', signed: 0 });
    expect(await states()).toEqual([`${old} current`, `${made.key_id} next`]);
    expect((await ok(rotate({ prepare: true }))).key_id, 'once').toBe(made.key_id);
    const [without, given] = [file(before), file(await listed())];
    await ok(config.publish('prod', draftOf(filesServer()), { changelog: 'second' }));
    expect(await signers(), 'it signs nothing yet').toEqual([old, old]);
    expect([await takes(without), await takes(given)]).toEqual([true, true]);

    const rotated = await ok(rotate());
    expect(rotated).toMatchObject({ key_id: made.key_id, public_key: made.public_key, state: 'current' });
    expect(rotated.signed).toBeGreaterThanOrEqual(2);
    expect(await states()).toEqual([`${made.key_id} current`, `${old} retired`]);
    expect(await signers()).toEqual([made.key_id, made.key_id]);
    expect([await takes(without), await takes(given)]).toEqual([false, true]);
    await ok(config.publish('prod', draftOf(), { changelog: 'third' }));
    expect(await takes(given)).toBe(true);
    const { keys } = JSON.parse(readFileSync(path.join(server.dataDir, 'keys/config-release.json'), 'utf8'));
    expect(Object.values<string>(keys).filter((pem) => pem.includes('PRIVATE'))).toHaveLength(1);
  });

  test('key compromise: it leaked with the others, so it is not the one that takes their place', async () => {
    const prepared = await ok(rotate({ prepare: true }));
    expect(await refused(rotate({ prepare: true, drop_old: true }))).toBe('VALIDATION_FAILED');
    const made = await ok(rotate({ drop_old: true }));
    expect(made.key_id).not.toBe(prepared.key_id);
    expect(await states()).toEqual([`${made.key_id} current`]);
  });

  test('gives way to one of another algorithm, and to one that was prepared anew', async () => {
    const [{ key_id: old }] = (await listed()).items;
    const first = await ok(rotate({ prepare: true, alg: 'ECDSA-P256-SHA256' }));
    const second = await ok(rotate({ prepare: true, alg: 'ECDSA-P256-SHA512' }));
    expect(await states(), first.key_id).toEqual([`${old} current`, `${second.key_id} next`]);
    const made = await ok(rotate({ alg: 'Ed25519' }));
    expect(await states()).toEqual([`${made.key_id} current`, `${old} retired`]);
  });
});
