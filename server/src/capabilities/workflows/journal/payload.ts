import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Db } from '../../../core/db/database.ts';
import type { Keys } from '../../../core/keys.ts';
import { holdObject, keepFromCollector } from '../../../core/objects/holds/store.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { storableJson } from '../../../core/storable.ts';
import { holderOfRun, type Payload, type Payloads } from '../runs/run.ts';

/** Larger values lie in the object store, and the database names them. */
const inlineBytes = 256 * 1024;
const purpose = 'workflow-states';

/** Keeps the data of runs: small values in the database, large ones as objects, secret ones sealed, either way. */
export function createPayloads({ objects, keys }: { readonly objects: ObjectStore; readonly keys: Keys }): Payloads {
  return {
    async keep(tx, value, place) {
      const small = inlined(value, place);
      if ('kept' in small) return small.kept;
      const { large, bytes } = small;
      const kept = { sha256: await store(tx, place.runId, large), bytes };
      return place.sealed ? { sealed_ref: kept } : { ref: kept };
    },
    inline(value, place) {
      const small = inlined(value, place);
      return 'kept' in small ? small.kept : undefined;
    },
    async open(payload, { runId, path }) {
      if ('v' in payload) return payload.v;
      if ('ref' in payload) return parse(await load(payload.ref.sha256));
      const secret =
        'sealed' in payload ? Buffer.from(payload.sealed, 'base64') : await load(payload.sealed_ref.sha256);
      return parse(keys.unseal(purpose, secret, boundTo(runId, path)));
    },
  };

  /** A value as the database has it, or its bytes where they are too many for that. */
  function inlined(
    value: unknown,
    { runId, path, sealed }: { readonly runId: string; readonly path: string; readonly sealed: boolean },
  ): { readonly kept: Payload } | { readonly large: Buffer; readonly bytes: number } {
    const text = storableJson(value);
    const bytes = Buffer.byteLength(text);
    if (!sealed) return bytes <= inlineBytes ? { kept: { v: JSON.parse(text) } } : { large: Buffer.from(text), bytes };
    const secret = keys.seal(purpose, Buffer.from(text), boundTo(runId, path));
    return secret.length <= inlineBytes
      ? { kept: { sealed: secret.toString('base64'), bytes } }
      : { large: secret, bytes };
  }

  async function store(tx: Db, runId: string, bytes: Buffer): Promise<string> {
    await keepFromCollector(tx);
    const staged = await objects.stage('workflow-state', { body: Readable.from([bytes]), size: bytes.length });
    try {
      await objects.pin(staged);
    } finally {
      await objects.discard(staged.stagingKey);
    }
    await holdObject(tx, holderOfRun(runId), staged.sha256);
    return staged.sha256;
  }

  async function load(sha256: string): Promise<Buffer> {
    return buffer(await objects.read(sha256));
  }
}

function boundTo(runId: string, path: string): string {
  return `${runId}\n${path}`;
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8')) as unknown;
}
