import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Db } from '../../src/core/db/database.ts';
import { newId } from '../../src/core/ids.ts';
import { noteArrivals } from '../../src/core/objects/arrivals.ts';
import type { ObjectStore, PresignedRequest, StagedObject, UploadTarget } from '../../src/core/objects/object-store.ts';
import { insertUpload, listArrived } from '../../src/core/objects/store.ts';
import { raw } from './raw.ts';

export interface ObjectsStage {
  /** Takes objects of up to `contractMaxBytes`. */
  readonly objects: ObjectStore;
  readonly db: Db;
  close(): Promise<void>;
}

export const mebi = 2 ** 20;
export const contractMaxBytes = 24 * mebi;

export const sha256Of = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
export const inAMinute = () => new Date(Date.now() + 60_000);

/** PUTs a body with exactly the headers given. */
export function put({ url, headers }: PresignedRequest, body: string | Buffer, more: Record<string, string> = {}) {
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return raw(url, { method: 'PUT', headers: { ...length, ...headers, ...more }, body: [body] });
}

/** Uploads under a holder of its own, as a caller would, and answers what came of it. */
export async function stage({ objects, db }: ObjectsStage, body: string | Buffer): Promise<StagedObject> {
  const { holder, target } = await asked(db);
  expect((await put(await objects.presignUpload(target), body)).status).toBe(200);
  return only(await staged(db, objects, holder));
}

export async function asked(db: Db, more: Partial<UploadTarget> = {}) {
  const holder = newId('ds');
  const target: UploadTarget = {
    id: newId('up'),
    contentType: 'text/csv; charset=utf-8',
    size: undefined,
    expiresAt: inAMinute(),
    ...more,
  };
  const { id, contentType: content_type, size = null, expiresAt: expires_at } = target;
  await insertUpload(db, { id, holder, object_key: 'a.csv', content_type, size, expires_at });
  return { holder, target };
}

/** What arrived for a holder, each read once where it went past us, as a commit does. */
export async function staged(db: Db, objects: ObjectStore, holder: string): Promise<StagedObject[]> {
  await noteArrivals(db, objects, holder);
  const rows = await listArrived(db, holder);
  return Promise.all(
    rows.map(async ({ staging_key: stagingKey, size, sha256, etag }) =>
      sha256 === null ? objects.identify(stagingKey) : { stagingKey, size, sha256, etag },
    ),
  );
}

export function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1);
  return items[0] as T;
}

/** Uploads and pins; answers the hash. */
export async function pin(the: ObjectsStage, body: string | Buffer): Promise<string> {
  const done = await stage(the, body);
  await the.objects.pin(done);
  return done.sha256;
}

/** A URL with one thing changed. */
export function changed(url: string, change: (to: URL) => void): string {
  const to = new URL(url);
  change(to);
  return to.href;
}
