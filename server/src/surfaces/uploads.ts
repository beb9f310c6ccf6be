import { Hono } from 'hono';
import type { Db } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import type { DiskObjects } from '../core/objects/disk.ts';
import { findUpload, markReceived } from '../core/objects/store.ts';
import type { Env } from './http.ts';

/**
 * `PUT /objects/uploads/<id>?…`: where presigned URLs of the file system lead. The signature is the authority, so there
 * is no bearer token. Each URL takes one body; what fails on the way may be sent again until it expires.
 */
export function createUploads(objects: DiskObjects, db: Db): Hono<Env> {
  const app = new Hono<Env>();
  app.put('/objects/uploads/:id', async (c) => {
    const target = objects.verifyUpload(c.req.param('id'), new URL(c.req.url).searchParams);
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
    const announced = c.req.header('content-length');
    if (target.size !== undefined && announced !== undefined && Number(announced) !== target.size) {
      throw new AppError(
        'UPLOAD_SIZE_MISMATCH',
        `This URL was made for ${target.size} bytes.`,
        'Ask for a new URL with the size of what you send.',
      );
    }
    const staged = await objects.receive(target, c.req.raw.body ?? empty()).catch((error: unknown) => {
      throw c.req.raw.signal.aborted ? brokenOff() : error;
    });
    const first = await markReceived(db, target.id, {
      staging_key: staged.stagingKey,
      sha256: staged.sha256,
      size: staged.size,
    });
    if (!first) {
      await objects.discard(staged.stagingKey);
      throw usedUp();
    }
    c.header('etag', `"${staged.sha256}"`);
    return c.json({ size: staged.size, sha256: staged.sha256 });
  });
  return app;
}

async function* empty(): AsyncGenerator<Uint8Array> {
  yield* [];
}

/** Nobody reads this answer; it keeps a caller who hung up from looking like a fault of ours. */
function brokenOff(): AppError {
  return new AppError('BAD_REQUEST', 'The body broke off.', 'Send it again to the same URL.');
}

function usedUp(): AppError {
  return new AppError(
    'UPLOAD_REFUSED',
    'This URL was used already, or a newer upload of the same object was committed.',
    'Ask for a new URL with create_presigned_upload.',
  );
}
