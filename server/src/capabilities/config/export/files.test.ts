import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../core/canonical.ts';
import { makeKeyPair, publicHalf } from '../../../core/key-pair.ts';
import { artifactType, releaseType, sealed } from '../integrity/documents.ts';
import { signDocument } from '../integrity/sign.ts';
import { trustKey } from '../integrity/trusted-key.ts';
import { changesText } from './changes.ts';
import type { Exported } from './exported.ts';
import { exportFiles } from './files.ts';

const [key_id, pem] = makeKeyPair();
const signing = { key_id, alg: 'Ed25519', key: createPrivateKey(pem) };
const trusted = [trustKey({ key_id, alg: 'Ed25519', public_key: publicHalf(pem) })];
const of = { client_id: 'cursor', profile: 'prod' };

function exported(sequence: number): Exported {
  const artifact = sealed({
    type: 'tutti.config.artifact/1',
    ...of,
    payload: { mcpServers: {} },
    text: '{"mcpServers":{}}',
    format: 'json',
    schema_ref: '/schemas/cursor/1.0.0',
    version: '1.0.0',
    policy_set_id: 'none',
    provenance: {
      publisher_id: 'prn_1',
      tooling_version: 'tutti/0',
      draft_hash: `sha256:${'0'.repeat(64)}`,
      sources: [],
      policy_evaluated_at: '2026-11-01T00:00:00.000Z',
      policy_inputs: {},
    },
  });
  const statement = sealed({
    type: 'tutti.config.release/1',
    tenant: 'default',
    ...of,
    cohort: 'all',
    sequence,
    artifact_id: artifact.id,
    changelog: 'first',
    issued_at: '2026-11-01T00:00:00.000Z',
    expires_at: '2026-12-01T00:00:00.000Z',
  });
  return {
    release: { ...of, sequence, statement_id: statement.id, artifact_id: artifact.id, bytes: statement.bytes } as never,
    artifact: {
      ...{ artifact_id: artifact.id, bytes: artifact.bytes },
      ...{ schema_ref: '/schemas/cursor/1.0.0', schema_version: '1.0.0' },
    } as never,
    signatures: {
      statement: signDocument(releaseType, statement.bytes, signing),
      artifact: signDocument(artifactType, artifact.bytes, signing),
    },
  };
}

// The families that Tutti renders need no database.
const filesOf = (releases: Exported[]) =>
  exportFiles({} as never, { tenant: 'default', releases, changes: [], signing, trusted });

test('an export lists every file but its index once, and the artifact that two releases share once', async () => {
  const { files } = await filesOf([exported(1), exported(2)]);
  const paths = files.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.slice(-2)).toEqual(['index.sig.json', 'index.json']);
  const index = JSON.parse(files.at(-1)?.text ?? '');
  expect(index.files.map(({ path }: { path: string }) => path)).toEqual(paths.slice(0, -2));
  expect(paths.filter((path) => /^objects\/\w+\.json$/.test(path))).toHaveLength(3);
  expect(index.releases.map(({ sequence }: { sequence: number }) => sequence)).toEqual([1, 2]);
});

test('endless data: an export whose index nobody would read is not made', async () => {
  const one = exported(1);
  await expect(filesOf(Array.from({ length: 4000 }, () => one))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
});

test('an artifact that is not the one of its id is not exported', async () => {
  const one = exported(1);
  const changed = Buffer.from(one.artifact.bytes.toString().replace('cursor', 'cursed'));
  const given = { ...one, artifact: { ...one.artifact, bytes: changed } };
  await expect(filesOf([given])).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' });
});

test('endless data: a schema is no longer in it than it was given, however deep it is', async () => {
  const { files } = await filesOf([exported(1)]);
  const { text = '' } = files.find(({ path }) => path.startsWith('schemas/')) ?? {};
  expect(text).toBe(canonicalJson(JSON.parse(text)));
});

test('endless data: of changes it tells as many as whoever reads it takes', () => {
  const issued_at = new Date();
  // The longest that JSON makes of a text.
  const changes = Array.from({ length: 200 }, () => ({ ...of, issued_at, changelog: '\u0001'.repeat(2000) }) as never);
  const text = changesText(changes);
  expect(text.length).toBeLessThan(2 ** 20);
  expect(JSON.parse(text).items).toHaveLength(50);
});
