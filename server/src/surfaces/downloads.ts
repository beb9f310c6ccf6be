import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { DiskObjects } from '../core/objects/disk.ts';
import { attachment } from '../core/objects/disposition.ts';
import { bytesGone } from '../core/objects/failures.ts';
import type { Env } from './http.ts';
import { rangeOf } from './ranges.ts';

/**
 * `GET /objects/content/<sha256>?…`: where presigned downloads of the file system lead. The signature is the authority. What
 * callers uploaded is saved and never shown: it comes as an attachment, of the type that was signed and no other.
 */
export function createDownloads(objects: DiskObjects): Hono<Env> {
  const app = new Hono<Env>();
  app.get('/objects/content/:sha256', async (c) => {
    const target = objects.urls.verifyDownload(c.req.param('sha256'), new URL(c.req.url).searchParams);
    const found = await objects.head(target.sha256);
    if (!found) throw bytesGone();
    const etag = `"${target.sha256}"`;
    const headers: Record<string, string> = {
      'content-type': target.contentType,
      'content-disposition': attachment(target.name),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, immutable',
      'last-modified': found.lastModified.toUTCString(),
      'accept-ranges': 'bytes',
      etag,
    };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    const stale = (c.req.header('if-range') ?? etag) !== etag;
    const range = stale ? undefined : rangeOf(c.req.header('range'), found.size);
    if (range === 'unsatisfiable') return c.body(null, 416, { ...headers, 'content-range': `bytes */${found.size}` });
    headers['content-length'] = String(range ? range.end - range.start + 1 : found.size);
    if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${found.size}`;
    const status = range ? 206 : 200;
    // Hono answers HEAD by this route: nothing is opened that nobody would read.
    if (c.req.method === 'HEAD' || found.size === 0) return c.body(null, status, headers);
    const body = Readable.toWeb(await objects.read(target.sha256, range)) as ReadableStream<Uint8Array>;
    return c.body(body, status, headers);
  });
  return app;
}
