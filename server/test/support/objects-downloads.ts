import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { changed, inAMinute, type ObjectsStage, pin } from './objects-stage.ts';
import { raw } from './raw.ts';

/** What a presigned GET of pinned bytes does. */
export function downloadsContract(the: () => ObjectsStage): void {
  const pinned = (body: string) => pin(the(), body);
  const download = (sha256: string, more: object = {}) =>
    the().objects.presignDownload({ sha256, name: 'a.csv', contentType: 'text/csv', expiresAt: inAMinute(), ...more });

  test('gives an attachment of the type that was signed, whatever it was uploaded as', async () => {
    const sha256 = await pinned('<script>');
    const { url, headers } = await download(sha256, { contentType: 'text/html' });
    const answer = await raw(url, { headers });
    expect(answer).toMatchObject({ status: 200, text: '<script>' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html',
      'content-disposition': 'attachment; filename="a.csv"',
      'content-length': '8',
    });
  });

  test.each([
    [
      'raw/2026/ünï cödé.csv',
      `attachment; filename="_n_ c_d_.csv"; filename*=UTF-8''%C3%BCn%C3%AF%20c%C3%B6d%C3%A9.csv`,
    ],
    ['a"b\\c.csv', 'attachment; filename="c.csv"'],
    [
      'a"; filename="b.exe',
      `attachment; filename="a_; filename=_b.exe"; filename*=UTF-8''a%22%3B%20filename%3D%22b.exe`,
    ],
    ['../../etc/passwd', 'attachment; filename="passwd"'],
    ['a\r\nx: y', `attachment; filename="a__x: y"; filename*=UTF-8''a%0D%0Ax%3A%20y`],
    ["it's (1).csv", `attachment; filename="it's (1).csv"`],
    ['folder/', 'attachment; filename="object"'],
  ])('is named after %j', async (name, disposition) => {
    const answer = await raw((await download(await pinned('x'), { name })).url);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toBe(disposition);
  });

  test('gives parts', async () => {
    const { url } = await download(await pinned('0123456789'));
    const range = async (text: string) => {
      const answer = await raw(url, { headers: { range: text } });
      return [answer.status, answer.status < 300 ? answer.text : '', answer.headers['content-range'] ?? ''];
    };
    expect(await range('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await range('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await range('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await range('bytes=0-0')).toEqual([206, '0', 'bytes 0-0/10']);
    expect(await range('bytes=8-99')).toEqual([206, '89', 'bytes 8-9/10']);
    expect((await range('bytes=10-11'))[0]).toBe(416);
  });

  test('holds for its bytes, as it was made, until it expires', async () => {
    const [sha256, other] = [await pinned('mine'), await pinned('other')];
    const { url } = await download(sha256);
    const refused = [
      changed(url, (to) => {
        to.pathname = to.pathname.replace(sha256, other);
      }),
      changed(url, (to) => to.searchParams.set(to.searchParams.has('type') ? 'type' : 'response-content-type', 'a/b')),
      changed(url, (to) =>
        to.searchParams.set(to.searchParams.has('name') ? 'name' : 'response-content-disposition', 'inline'),
      ),
    ];
    for (const changedUrl of refused) expect((await raw(changedUrl)).status, changedUrl).toBe(403);
    expect((await raw(url)).text).toBe('mine');
    const brief = await download(sha256, { expiresAt: new Date(Date.now() + 1000) });
    await sleep(2500);
    expect((await raw(brief.url)).status).toBe(403);
  });

  test('of bytes that are gone answers so', async () => {
    expect((await raw((await download('0'.repeat(64))).url)).status).toBe(404);
  });
}
