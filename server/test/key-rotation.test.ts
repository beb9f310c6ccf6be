import { expect, test, vi } from 'vitest';
import { keys } from '../src/keys-command.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer } from './support/server.ts';

test('keys are rotated and dropped beneath a running server', async () => {
  const server = await startTestServer();
  const lake = lakeOf(server);
  const tutti = async (...args: string[]) => expect(await keys([...args, '--data-dir', server.dataDir])).toBe(0);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const patient = { timeout: 20_000, interval: 100 };
  const id = await lake.dataset('one');
  await lake.dataset('two');
  const upload = await lake.presign(id, 'a.csv');
  const late = await lake.presign(id, 'b.csv');
  const { next_page: page } = await lake.ok('list_datasets', { page_size: 1 });
  const nextPage = () => server.call('list_datasets', { page_size: 1, page });

  await tutti('rotate', 'presign');
  await tutti('rotate', 'cursor');
  await vi.waitFor(async () => expect((await lake.presign(id, 'c.csv')).url).toContain('signature=k2.'), patient);
  expect((await server.put(upload.url, upload.headers, 'name\nx\n')).status).toBe(200);
  expect((await nextPage()).status).toBe(200);

  await tutti('drop-old', 'presign');
  await tutti('drop-old', 'cursor');
  await vi.waitFor(async () => expect((await nextPage()).body.error?.code).toBe('BAD_CURSOR'), patient);
  expect((await server.put(late.url, late.headers, 'name\nx\n')).status).toBe(403);
  vi.restoreAllMocks();
  await server.stop();
});
