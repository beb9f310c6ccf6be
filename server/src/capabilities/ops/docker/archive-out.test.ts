import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { type ArchiveCaps, readArchive } from './archive-out.ts';

const caps: ArchiveCaps = {
  maxEntries: 50,
  maxReadBytes: 2 ** 20,
  maxFiles: 10,
  maxFileBytes: 10_000,
  maxTotalBytes: 15_000,
};

type Header = Parameters<ReturnType<typeof pack>['entry']>[0];

/** The block that announces a file, without the file. */
async function headerOf(header: Header): Promise<Buffer> {
  const tar = pack();
  tar.on('error', () => undefined);
  tar.entry(header);
  await new Promise((resolve) => void tar.once('readable', () => resolve(undefined)));
  const block = tar.read() as Buffer;
  tar.destroy();
  return block.subarray(0, 512);
}

async function tarOf(...entries: [Header, string?][]): Promise<Buffer> {
  const tar = pack();
  for (const [header, body] of entries) tar.entry(header, body ?? '');
  tar.finalize();
  return buffer(tar as unknown as Readable);
}

function read(
  tar: Buffer | Readable,
  more: Partial<ArchiveCaps> = {},
  wanted = (name: string): string | undefined => name,
) {
  return readArchive(tar instanceof Readable ? tar : Readable.from([tar]), {
    caps: { ...caps, ...more },
    wanted,
    take: async ({ path }, body) => `${path}=${(await buffer(body)).toString().slice(0, 20)}`,
  });
}

test('files are taken, in order, and nothing else is looked at', async () => {
  const tar = await tarOf(
    [{ name: 'work', type: 'directory' }],
    [{ name: 'work/a' }, 'one'],
    [{ name: 'work/b' }, 'two'],
    [{ name: 'work/c' }, ''],
  );
  const found = await read(tar, {}, (name) => (name === 'work/b' ? undefined : name.slice(5)));
  expect(found).toEqual({ taken: ['a=one', 'c='], skipped: [] });
});

test('links, devices, ways out and second files of a name are skipped, with the reason', async () => {
  const tar = await tarOf(
    [{ name: 'l', type: 'symlink', linkname: '/etc' }],
    // What an extraction would write through the link.
    [{ name: 'l/passwd' }, 'x'],
    [{ name: 'h', type: 'link', linkname: '/etc/passwd' }],
    [{ name: 'c', type: 'character-device', devmajor: 1, devminor: 3 }],
    [{ name: 'd', type: 'block-device', devmajor: 8, devminor: 0 }],
    [{ name: 'f', type: 'fifo' }],
    [{ name: '../up' }, 'x'],
    [{ name: '/etc/cron.d/x' }, 'x'],
    [{ name: 'a/../../b' }, 'x'],
    [{ name: 'new\nline' }, 'x'],
    [{ name: 'two' }, 'first'],
    [{ name: 'two' }, 'second'],
    [{ name: `${'x'.repeat(600)}` }, 'x'],
  );
  expect(await read(tar)).toEqual({
    taken: ['l/passwd=x', 'two=first'],
    skipped: [
      { name: 'l', reason: 'symlink' },
      { name: 'h', reason: 'hard_link' },
      { name: 'c', reason: 'not_a_file' },
      { name: 'd', reason: 'not_a_file' },
      { name: 'f', reason: 'not_a_file' },
      { name: '?', reason: 'bad_name' },
      { name: '?', reason: 'bad_name' },
      { name: '?', reason: 'bad_name' },
      { name: '?', reason: 'bad_name' },
      { name: 'two', reason: 'duplicate' },
      { name: '?', reason: 'bad_name' },
    ],
  });
});

test('what is too large or too much is skipped, and what follows is still taken', async () => {
  const tar = await tarOf(
    [{ name: 'large' }, 'x'.repeat(10_001)],
    [{ name: 'a' }, 'a'.repeat(9000)],
    [{ name: 'b' }, 'b'.repeat(9000)],
    [{ name: 'c' }, 'c'],
    [{ name: 'd' }, 'd'],
  );
  const found = await read(tar, { maxFiles: 2 });
  expect(found.taken.map((text) => text.slice(0, 3))).toEqual(['a=a', 'c=c']);
  expect(found.skipped).toEqual([
    { name: 'large', reason: 'too_large' },
    { name: 'b', reason: 'total_too_large' },
    { name: 'd', reason: 'too_many_files' },
  ]);
});

test('an archive of too many entries or bytes is left where it stands', async () => {
  const many = await tarOf(...Array.from({ length: 60 }, (_, n): [Header, string] => [{ name: `f${n}` }, '']));
  expect(await read(many, { maxFiles: 100 })).toMatchObject({ cut: 'entries', taken: { length: 50 } });
  let sent = 0;
  async function* sparse() {
    yield (await tarOf([{ name: 'first' }, 'here'])).subarray(0, 1024);
    // A header that announces 20 GB, and zeros for as long as somebody reads.
    yield await headerOf({ name: 'sparse', size: 20 * 2 ** 30 });
    for (;;) {
      sent += 65_536;
      yield Buffer.alloc(65_536);
    }
  }
  const found = await read(Readable.from(sparse(), { objectMode: false }));
  expect(found).toEqual({ taken: ['first=here'], skipped: [{ name: 'sparse', reason: 'too_large' }], cut: 'bytes' });
  expect(sent).toBeLessThan(4 * 2 ** 20);
});

test('an archive that breaks off keeps the files before', async () => {
  const tar = await tarOf([{ name: 'a' }, 'whole'], [{ name: 'b' }, 'x'.repeat(5000)]);
  expect(await read(tar.subarray(0, 3000))).toEqual({ taken: ['a=whole'], skipped: [], cut: 'broken' });
  expect(await read(Buffer.alloc(3000, 'no archive'))).toEqual({ taken: [], skipped: [], cut: 'broken' });
});

test('a header that announces gigabytes of name is refused, not collected', async () => {
  const block = await headerOf({ name: 'x', size: 4 * 2 ** 30 });
  block[156] = 'x'.charCodeAt(0); // the type: words about the next entry
  block.fill(' ', 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  let sent = 0;
  async function* endless() {
    yield block;
    for (; ; sent += 1) yield Buffer.alloc(1000);
  }
  const found = await read(Readable.from(endless(), { objectMode: false }), { maxReadBytes: 2 ** 40 });
  expect(found).toEqual({ taken: [], skipped: [], cut: 'broken' });
  expect(sent).toBeLessThan(1000);
});

test('a taker that reads little, or fails, hurts nobody else', async () => {
  const tar = await tarOf([{ name: 'a' }, 'x'.repeat(9000)], [{ name: 'b' }, 'y']);
  const take = async ({ path }: { path: string }) => path;
  expect(await readArchive(Readable.from([tar]), { caps, wanted: (name) => name, take })).toMatchObject({
    taken: ['a', 'b'],
  });
  const failing = async () => {
    throw new Error('the disk is full');
  };
  await expect(readArchive(Readable.from([tar]), { caps, wanted: (name) => name, take: failing })).rejects.toThrow(
    'the disk is full',
  );
});
