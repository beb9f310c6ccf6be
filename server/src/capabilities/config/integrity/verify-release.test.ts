import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type Expected, inCohort, verifyRelease } from '@tutti/client/verify';
import { describe, expect, test } from 'vitest';
import { makeKeyPair, publicHalf, signatureAlgorithms } from '../../../core/key-pair.ts';
import { type Artifact, artifactType, releaseType, type Statement, sealed } from './documents.ts';
import { pae, type SigningKey, signDocument, verifyDocument } from './sign.ts';
import { trustKey } from './trusted-key.ts';

function newKey(alg: (typeof signatureAlgorithms)[number] = 'Ed25519') {
  const [key_id, pem] = makeKeyPair(alg);
  const signing: SigningKey = { key_id, alg, key: createPrivateKey(pem) };
  return { signing, trusted: trustKey({ key_id, alg, public_key: publicHalf(pem) }) };
}

const own = newKey();
const issued = new Date('2026-11-01T00:00:00.000Z');
const now = new Date('2026-11-02T00:00:00.000Z');

const artifact: Artifact = {
  type: 'tutti.config.artifact/1',
  client_id: 'cursor',
  profile: 'prod',
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
    policy_evaluated_at: issued.toISOString(),
    policy_inputs: {},
  },
};
const statement: Statement = {
  type: 'tutti.config.release/1',
  tenant: 'default',
  client_id: 'cursor',
  profile: 'prod',
  cohort: 'all',
  sequence: 7,
  artifact_id: sealed(artifact).id,
  changelog: 'first',
  issued_at: issued.toISOString(),
  expires_at: '2026-12-01T00:00:00.000Z',
};
const expected: Expected = { tenant: 'default', client_id: 'cursor', profile: 'prod', lastSequence: 7, now };

function signed(document: Artifact | Statement, key = own.signing, type?: string) {
  const { bytes } = sealed(document);
  const own = document.type === 'tutti.config.artifact/1' ? artifactType : releaseType;
  return { bytes, signature: signDocument(type ?? own, bytes, key) };
}

/** A release with parts of it changed before they were signed. */
function release({ on = {}, of = {} }: { on?: Partial<Statement>; of?: Partial<Artifact> } = {}) {
  const made = { ...artifact, ...of };
  return { artifact: signed(made), statement: signed({ ...statement, artifact_id: sealed(made).id, ...on }) };
}

const refusal = (reason: string) => expect.objectContaining({ code: 'NOT_AUTHENTIC', details: { reason } });
const verified = (given: Parameters<typeof verifyRelease>[0], changes: Partial<Expected> = {}) =>
  verifyRelease(given, { ...expected, ...changes }, [own.trusted]);

describe('a release', () => {
  test('that is genuine, current and meant for this reader is taken', () => {
    expect(verified(release())).toEqual({ artifact, statement });
  });

  test.each(signatureAlgorithms)('is signed with %s over the pre-authentication encoding', (alg) => {
    const key = newKey(alg);
    const { bytes, signature } = signed(artifact, key.signing);
    expect(signature).toMatchObject({ alg, key_id: key.signing.key_id });
    expect(verifyDocument(artifactType, bytes, signature, [key.trusted])).toEqual(artifact);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    expect(() => verifyDocument(artifactType, bytes, signature, [key.trusted])).toThrow(refusal('signature'));
  });

  test('has the pre-authentication encoding of DSSE', () => {
    expect(pae('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });

  test('for a cohort is taken by whom it is for, and who is in stays in as it grows', () => {
    const ids = Array.from({ length: 400 }, (_, at) => `client-${at}`);
    const inside = (percentage: number) => ids.filter((id) => inCohort({ id: 'rol_1', percentage }, id));
    expect(inside(0)).toEqual([]);
    expect(inside(100)).toEqual(ids);
    expect(inside(50).length).toBeGreaterThan(120);
    expect(inside(50).length).toBeLessThan(280);
    expect(new Set(inside(20)).isSubsetOf(new Set(inside(50)))).toBe(true);
    const given = release({ on: { cohort: { id: 'rol_1', percentage: 50 } } });
    for (const id of ids.slice(0, 40)) {
      const take = () => verified(given, { fingerprint: id });
      if (inside(50).includes(id)) expect(take).not.toThrow();
      else expect(take).toThrow(refusal('audience'));
    }
  });

  test('for a cohort is for no client that keeps no id, and one for all readers of a schema is', () => {
    for (let at = 0; at < 40; at += 1) {
      const given = release({ on: { cohort: { id: `rol_${at}`, percentage: 90 } } });
      expect(() => verified(given), `rol_${at}`).toThrow(refusal('audience'));
    }
    expect(() => verified(release({ on: { cohort: { id: 'schema:1.0.0', percentage: 100 } } }))).not.toThrow();
  });
});

describe('attacks on a release', () => {
  test('tamper: any byte that is changed is noticed', () => {
    const given = release();
    for (const part of ['artifact', 'statement'] as const) {
      for (let at = 0; at < given[part].bytes.length; at += 37) {
        const bytes = Buffer.from(given[part].bytes);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const take = () => verified({ ...given, [part]: { ...given[part], bytes } });
        expect(take, `${part} at ${at}`).toThrow(refusal(part === 'artifact' ? 'tampered' : 'signature'));
      }
    }
  });

  test('tamper: an artifact with a statement by a key that nobody trusts is refused', () => {
    const forged = newKey().signing;
    const given = { artifact: signed(artifact, forged), statement: signed(statement, forged) };
    expect(() => verified(given)).toThrow(refusal('unknown-key'));
    const named = { ...forged, key_id: own.signing.key_id };
    expect(() => verified({ ...given, statement: signed(statement, named) })).toThrow(refusal('signature'));
  });

  test('rollback: a statement lower than one that was taken is refused', () => {
    expect(() => verified(release({ on: { sequence: 6 } }))).toThrow(refusal('rollback'));
    expect(() => verified(release({ on: { sequence: 7 } }))).not.toThrow();
  });

  test('rollback: a revert is a new, higher statement for an old artifact', () => {
    const { statement: taken } = verified(release({ on: { sequence: 9, changelog: 'revert' } }));
    expect(taken).toMatchObject({ sequence: 9, artifact_id: statement.artifact_id });
  });

  test('freeze: a statement whose time is over is refused, as is one from the future', () => {
    expect(() => verified(release(), { now: new Date('2026-12-01T00:00:00.000Z') })).toThrow(refusal('expired'));
    expect(() => verified(release(), { now: new Date('2026-10-31T23:00:00.000Z') })).toThrow(refusal('future'));
  });

  test.each([
    ['client_id', 'zed'],
    ['profile', 'dev'],
    ['tenant', 'other'],
  ])('replay: a statement for another %s is refused', (name, value) => {
    expect(() => verified(release({ on: { [name]: value } }))).toThrow(refusal('audience'));
  });

  test('replay: an artifact of another client or profile passes under no statement of this one', () => {
    expect(() => verified(release({ of: { client_id: 'zed' } }))).toThrow(refusal('mixed'));
    expect(() => verified(release({ of: { profile: 'dev' } }))).toThrow(refusal('mixed'));
  });

  test('replay: a signature for one kind of document never passes for another', () => {
    const { bytes } = sealed(artifact);
    const signature = signDocument(releaseType, bytes, own.signing);
    expect(() => verifyDocument(artifactType, bytes, signature, [own.trusted])).toThrow(refusal('signature'));
  });

  test('mix-and-match: artifact and statement that do not belong together are refused', () => {
    const other = release({ of: { version: '2.0.0' } });
    expect(() => verified({ ...release(), artifact: other.artifact })).toThrow(refusal('tampered'));
  });

  test('weak key: keys of small order, for which anybody can sign, and keys in odd form are refused', () => {
    const spki = (raw: Buffer) => Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
    const weak = [
      `01${'00'.repeat(31)}`,
      `01${'00'.repeat(30)}80`,
      `ec${'ff'.repeat(30)}7f`,
      `ec${'ff'.repeat(31)}`,
      '00'.repeat(32),
      `${'00'.repeat(31)}80`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    ];
    // Not canonical: y is not below the prime.
    const odd = [`ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`, 'ff'.repeat(32)];
    for (const raw of [...weak, ...odd]) {
      const made = createPublicKey({ key: spki(Buffer.from(raw, 'hex')), format: 'der', type: 'spki' });
      const why = weak.includes(raw) ? /small order/ : /canonical form/;
      expect(() => trustKey({ key_id: 'k', alg: 'Ed25519', public_key: pem(made) }), raw).toThrow(why);
    }
  });

  test('weak key: the algorithm is that of the key, never what a signature says', () => {
    const { bytes, signature } = signed(artifact);
    const told = { ...signature, alg: 'ECDSA-P256-SHA256' };
    expect(() => verifyDocument(artifactType, bytes, told, [own.trusted])).toThrow(refusal('algorithm'));
    for (const alg of ['none', 'HS256', 'toString', 'ECDSA-P256-SHA256']) {
      expect(() => trustKey({ ...own.trusted, alg }), alg).toThrow(/algorithm is not known|none of/);
    }
  });

  test('signature not over what is used: other bytes of the same value are refused', () => {
    const loose = Buffer.from(JSON.stringify(artifact, null, 1));
    const signature = signDocument(artifactType, loose, own.signing);
    expect(() => verifyDocument(artifactType, loose, signature, [own.trusted])).toThrow(refusal('form'));
    const twice = Buffer.from('{"a":1,"a":2}');
    const over = signDocument(artifactType, twice, own.signing);
    expect(() => verifyDocument(artifactType, twice, over, [own.trusted])).toThrow(/stands there twice/);
  });

  test('signature not over what is used: signed fields that nobody knows are refused', () => {
    const odd = { ...statement, not_before: 'later' } as Statement;
    expect(() => verified({ ...release(), statement: signed(odd) })).toThrow(refusal('form'));
  });

  test('endless data: what is too large is refused before anything is computed', () => {
    const bytes = Buffer.alloc(2 ** 20 + 1);
    const given = release();
    expect(() => verified({ ...given, artifact: { ...given.artifact, bytes } })).toThrow(refusal('size'));
  });
});

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
