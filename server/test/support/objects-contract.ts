import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import { noteArrivals } from '../../src/core/objects/arrivals.ts';
import type { ObjectStore } from '../../src/core/objects/object-store.ts';
import { listArrived } from '../../src/core/objects/store.ts';
import { downloadsContract } from './objects-downloads.ts';
import { partsContract } from './objects-parts.ts';
import {
  asked,
  changed,
  contractMaxBytes,
  inAMinute,
  mebi,
  type ObjectsStage,
  only,
  pin,
  put,
  sha256Of,
  stage,
  staged,
} from './objects-stage.ts';
import { stagingContract } from './objects-staging.ts';
import { raw } from './raw.ts';

/** What any object store of ours does, through the URLs that it gives and the database that it is noted in. */
export function objectsContract(open: () => Promise<ObjectsStage>): void {
  let the: ObjectsStage;
  let objects: ObjectStore;
  beforeAll(async () => {
    the = await open();
    objects = the.objects;
  });
  afterAll(() => the.close());

  const pinned = (body: string | Buffer) => pin(the, body);

  describe('a presigned upload', () => {
    test('takes the bytes, which then are what they are', async () => {
      const { holder, target } = await asked(the.db, { size: 9 });
      const request = await objects.presignUpload(target);
      expect(request.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-length': '9' });
      expect((await put(request, 'a,b\n1,2\n\n')).status).toBe(200);
      const done = only(await staged(the.db, objects, holder));
      expect(done).toMatchObject({ size: 9, sha256: sha256Of('a,b\n1,2\n\n') });
      expect(await objects.identify(done.stagingKey)).toEqual(done);
    });

    test('may be of nothing', async () => {
      const sha256 = await pinned('');
      expect(sha256).toBe(sha256Of(''));
      expect(await objects.head(sha256)).toMatchObject({ size: 0 });
      expect(await buffer(await objects.read(sha256))).toHaveLength(0);
      expect(
        (
          await raw(
            (
              await objects.presignDownload({ sha256, name: 'a', contentType: 'a/b', expiresAt: inAMinute() })
            ).url,
          )
        ).text,
      ).toBe('');
    });

    test.each([
      ['more bytes', 'x'.repeat(10), {}],
      ['fewer bytes', 'x', {}],
      ['another type', 'x'.repeat(9), { 'content-type': 'text/html' }],
    ])('with %s than signed is refused', async (_what, body, headers) => {
      const { holder, target } = await asked(the.db, { size: 9 });
      const request = await objects.presignUpload(target);
      const length = { 'content-length': String(body.length) };
      const answer = await put(request, body, { ...length, ...headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(await staged(the.db, objects, holder)).toEqual([]);
    });

    test('without a type is refused', async () => {
      const { target } = await asked(the.db);
      const { url, headers } = await objects.presignUpload(target);
      const { 'content-type': _, ...others } = headers;
      expect((await put({ url, headers: others }, 'x')).status).toBeGreaterThanOrEqual(400);
    });

    test('that somebody changed is refused, whatever it is', async () => {
      const { holder, target } = await asked(the.db, { size: 1 });
      const request = await objects.presignUpload(target);
      const urls = [
        changed(request.url, (to) => {
          to.pathname = to.pathname.replace(target.id, newId('up'));
        }),
        ...[...new URL(request.url).searchParams].flatMap(([name, value]) => [
          changed(request.url, (to) => to.searchParams.delete(name)),
          changed(request.url, (to) => to.searchParams.set(name, /^\d+$/.test(value) ? `${value}0` : `${value}x`)),
        ]),
      ];
      // What only names the operation is not signed by S3.
      for (const url of new Set(
        urls.filter((url) => new URL(url).searchParams.get('x-id') === new URL(request.url).searchParams.get('x-id')),
      )) {
        const { status } = await put({ url, headers: request.headers }, 'x');
        expect([400, 401, 403], url).toContain(status);
      }
      expect(await staged(the.db, objects, holder)).toEqual([]);
      expect((await put(request, 'x')).status).toBe(200);
    });

    test('that has expired is refused', async () => {
      const { holder, target } = await asked(the.db, { expiresAt: new Date(Date.now() + 1000) });
      const request = await objects.presignUpload(target);
      await sleep(2500);
      expect((await put(request, 'x')).status).toBe(403);
      expect(await staged(the.db, objects, holder)).toEqual([]);
    });

    test('takes one body only', async () => {
      const { holder, target } = await asked(the.db);
      const request = await objects.presignUpload(target);
      expect((await put(request, 'first')).status).toBe(200);
      expect([403, 412]).toContain((await put(request, 'second')).status);
      expect(only(await staged(the.db, objects, holder)).sha256).toBe(sha256Of('first'));
    });

    test('takes one of eight bodies that come at once', async () => {
      const { holder, target } = await asked(the.db);
      const request = await objects.presignUpload(target);
      const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => put(request, `body ${at}`)));
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(only(await staged(the.db, objects, holder)).sha256).toBe(sha256Of(`body ${winner}`));
    });

    test('without a size may be larger than any object may be, and then its size says so before a commit', async () => {
      const { holder, target } = await asked(the.db);
      const { status } = await put(await objects.presignUpload(target), Buffer.alloc(contractMaxBytes + 1));
      await noteArrivals(the.db, objects, holder);
      if (status === 200) expect(only(await listArrived(the.db, holder)).size).toBe(contractMaxBytes + 1);
      else expect(await staged(the.db, objects, holder)).toEqual([]);
    });
  });

  describe('what arrived', () => {
    test('is noted once, and before anybody has read it', async () => {
      const { holder, target } = await asked(the.db);
      await noteArrivals(the.db, objects, holder);
      expect(await listArrived(the.db, holder)).toEqual([]);
      await put(await objects.presignUpload(target), 'abc');
      await Promise.all([noteArrivals(the.db, objects, holder), noteArrivals(the.db, objects, holder)]);
      const noted = only(await listArrived(the.db, holder));
      expect(noted).toMatchObject({ id: target.id, size: 3, etag: expect.stringMatching(/./) });
      await noteArrivals(the.db, objects, holder);
      expect(await listArrived(the.db, holder)).toEqual([noted]);
    });

    test('is listed by its time, and forgotten', async () => {
      const { stagingKey } = await stage(the, 'abc');
      expect(await objects.listStaged(new Date(Date.now() - 60_000))).not.toContain(stagingKey);
      expect(await objects.listStaged(inAMinute())).toContain(stagingKey);
      await objects.discard(stagingKey);
      await objects.discard(stagingKey);
      expect(await objects.listStaged(inAMinute())).not.toContain(stagingKey);
      await expect(objects.identify(stagingKey)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('pinned bytes', () => {
    test('are found by their hash, and stay when what was staged goes', async () => {
      const body = randomBytes(1000);
      const done = await stage(the, body);
      expect(await objects.head(done.sha256)).toBeUndefined();
      await expect(objects.read(done.sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(objects.localFile(done.sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await objects.pin(done);
      await objects.discard(done.stagingKey);
      expect(await objects.head(done.sha256)).toMatchObject({ sha256: done.sha256, size: 1000 });
      expect(await buffer(await objects.read(done.sha256))).toEqual(body);
      expect(await buffer(await objects.read(done.sha256, { start: 10, end: 19 }))).toEqual(body.subarray(10, 20));
      const file = await objects.localFile(done.sha256);
      expect(await readFile(file.path)).toEqual(body);
      file.release();
    });

    test('may be pinned again, by many at once, or when what was staged is gone', async () => {
      const [a, b] = [await stage(the, 'same'), await stage(the, 'same')];
      await Promise.all(Array.from({ length: 8 }, (_, at) => objects.pin(at % 2 ? a : b)));
      await objects.discard(a.stagingKey);
      await objects.pin(a);
      expect(String(await buffer(await objects.read(a.sha256)))).toBe('same');
    });

    test('that never were there cannot be pinned', async () => {
      const done = await stage(the, randomBytes(8));
      await objects.discard(done.stagingKey);
      await expect(objects.pin(done)).rejects.toThrow();
      expect(await objects.head(done.sha256)).toBeUndefined();
    });

    test('are listed by pages in the order of their hashes', async () => {
      const added: string[] = [];
      for (let at = 0; at < 5; at += 1) added.push(await pinned(randomBytes(8)));
      const all: string[] = [];
      let pages = 0;
      for (let after: string | undefined; ; pages += 1) {
        const { items, next } = await objects.list({ after, limit: 2 });
        all.push(...items.map((item) => item.sha256));
        expect(items.length).toBeLessThanOrEqual(2);
        if (next === undefined) break;
        expect(next).toBe(items.at(-1)?.sha256);
        after = next;
      }
      expect(pages).toBeGreaterThanOrEqual(2);
      expect(all).toEqual([...new Set(all)].sort());
      expect(all).toEqual(expect.arrayContaining(added));
      for (const sha256 of all) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    });

    test('are forgotten when they are removed', async () => {
      const sha256 = await pinned(randomBytes(8));
      await objects.remove(sha256);
      await objects.remove(sha256);
      expect(await objects.head(sha256)).toBeUndefined();
    });

    test('of megabytes come as they are taken, not all at once', async () => {
      const body = randomBytes(20 * mebi);
      const sha256 = await pinned(body);
      const slow = await objects.read(sha256);
      const reader = slow[Symbol.asyncIterator]();
      const first = (await reader.next()).value as Buffer;
      for (let turn = 0; turn < 200; turn += 1) await sleep(1);
      expect(slow.readableLength).toBeLessThan(2 * mebi);
      const hash = createHash('sha256').update(first);
      let chunks = 1;
      for (let next = await reader.next(); !next.done; next = await reader.next()) {
        hash.update(next.value as Buffer);
        chunks += 1;
      }
      expect(hash.digest('hex')).toBe(sha256);
      expect(chunks).toBeGreaterThan(20);
      const file = await objects.localFile(sha256);
      expect(sha256Of(await readFile(file.path))).toBe(sha256);
      file.release();
    });
  });

  describe('names that are paths', () => {
    test.each(['../secret', '/etc/passwd', '..', 'a/../../b', 'sha256/x', '%2e%2e', 'ü ü'])(
      '%s reach nothing else',
      async (name) => {
        const sha256 = await pinned('guarded');
        const { stagingKey } = await stage(the, 'guarded too');
        for (const key of [name, `../sha256/${sha256.slice(0, 2)}/${sha256}`, `../cas/sha256/${sha256}`]) {
          await objects.discard(key).catch(() => undefined);
          await expect(objects.identify(key)).rejects.toThrow();
          await expect(objects.read(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
          await expect(objects.localFile(`../staging/${stagingKey}`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
          await expect(async () => objects.remove(`../staging/${stagingKey}`)).rejects.toThrow();
        }
        expect(await objects.head(sha256)).toMatchObject({ size: 7 });
        expect(await objects.identify(stagingKey)).toMatchObject({ size: 11 });
      },
    );
  });

  describe('a presigned download', () => downloadsContract(() => the));
  describe('an upload in parts', () => partsContract(() => the));
  describe('bytes of our own', () => stagingContract(() => the));
}
