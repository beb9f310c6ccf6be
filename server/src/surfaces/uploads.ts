import { Hono } from 'hono';
import { type Db, inTransaction } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import type { DiskObjects } from '../core/objects/disk.ts';
import { findUpload, markReceived } from '../core/objects/store.ts';
import { brokenOff } from './guard.ts';
import type { Env } from './http.ts';

/** Who is told, in the transaction that notes it, of bytes that came for a holder. */
export type Uploaded = (tx: Db, holder: string) => Promise<void>;

/**
 * `PUT /objects/uploads/<id>?…` and `PUT /objects/parts/<id>/<handle>/<number>?…`: where presigned URLs of the file system
 * lead. The signature is the authority, so there is no bearer token. A URL of an upload takes one body; what fails on the
 * way, and a part at any time, may be sent again until it expires.
 */
export function createUploads(objects: DiskObjects, db: Db, uploaded: Uploaded = async () => undefined): Hono<Env> {
  const app = new Hono<Env>();
  app.put('/objects/uploads/:id', async (c) => {
    const target = objects.urls.verifyUpload(c.req.param('id'), new URL(c.req.url).searchParams);
    const upload = await findUpload(db, target.id);
    if (!upload || upload.received_at !== null) throw usedUp();
    const type = c.req.header('content-type') ?? '';
    if (type !== target.contentType) {
      throw new AppError(
        'UPLOAD_TYPE_MISMATCH',
        `This URL was made for content-type ${target.contentType}.`,
        'Send exactly the headers that create_presigned_upload answered.',
      );
    }
    checkLength(c.req.header('content-length'), target.size);
    const staged = await objects.receive(target, c.req.raw.body ?? empty()).catch((error: unknown) => {
      throw c.req.raw.signal.aborted ? brokenOff() : error;
    });
    const { stagingKey: staging_key, sha256, etag, size } = staged;
    const first = await inTransaction(db, async (tx) => {
      const isFirst = await markReceived(tx, target.id, { staging_key, sha256, etag, size });
      if (isFirst) await uploaded(tx, upload.holder);
      return isFirst;
    });
    if (!first) {
      await objects.discard(staged.stagingKey);
      throw usedUp();
    }
    c.header('etag', `"${staged.sha256}"`);
    return c.json({ size: staged.size, sha256: staged.sha256 });
  });
  app.put('/objects/parts/:id/:handle/:number{[0-9]{1,5}}', async (c) => {
    const { id, handle, number } = c.req.param();
    const query = new URL(c.req.url).searchParams;
    const target = objects.urls.verifyPart({ id, handle, number: Number(number) }, query);
    checkLength(c.req.header('content-length'), target.size);
    const part = await objects.receivePart(target, c.req.raw.body ?? empty()).catch((error: unknown) => {
      throw c.req.raw.signal.aborted ? brokenOff() : error;
    });
    c.header('etag', `"${part.etag}"`);
    return c.json(part);
  });
  return app;
}

function checkLength(announced: string | undefined, size: number | undefined): void {
  if (size === undefined || announced === undefined || Number(announced) === size) return;
  throw new AppError(
    'UPLOAD_SIZE_MISMATCH',
    `This URL was made for ${size} bytes.`,
    'Ask for a new URL with the size of what you send.',
  );
}

async function* empty(): AsyncGenerator<Uint8Array> {
  yield* [];
}

function usedUp(): AppError {
  return new AppError(
    'UPLOAD_REFUSED',
    'This URL was used already, or a newer upload of the same object was committed.',
    'Ask for a new URL with create_presigned_upload.',
  );
}
