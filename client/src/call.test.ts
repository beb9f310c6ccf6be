import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DescribingServer, describingServer } from '../test/describing-server.ts';
import { type Surroundings, tutti } from '../test/support.ts';

let server: DescribingServer;
beforeAll(async () => {
  server = await describingServer('destroy', { name: { type: 'string' }, dry_run: { type: 'boolean' } });
});
afterAll(() => server.close());

let before: number;
beforeEach(() => {
  before = server.calls.length;
});

const call = (args: readonly string[], around: Surroundings = {}) =>
  tutti(['call', ...args], { url: server.url, token: 't', ...around });

test('what cannot be undone needs --yes where nobody can be asked', async () => {
  const refused = await call(['put_hook', '--name', 'x']);
  expect(refused).toMatchObject({ code: 2, out: '', notes: expect.stringContaining('--yes') });
  expect(server.calls).toHaveLength(before);
  for (const args of [
    ['put_hook', '--name', 'x', '--yes'],
    ['--yes', 'put_hook', '{"name": "x"}'],
  ]) {
    expect(await call(args)).toMatchObject({ code: 0, asked: [], out: '{\n  "done": true\n}\n' });
  }
  expect(server.calls.slice(before)).toEqual(['{"name":"x"}', '{"name":"x"}']);
});

test('what only says what it would do is not asked for', async () => {
  for (const args of [['--dry_run'], ['--dry_run', 'true'], ['{"dry_run": true}']])
    expect(await call(['put_hook', ...args])).toMatchObject({ code: 0, asked: [] });
  expect(server.calls).toHaveLength(before + 3);
  for (const args of [['--no-dry_run'], ['--dry_run', 'false'], ['{"dry_run": "true"}'], ['{"dry_run": 1}']])
    expect(await call(['put_hook', ...args])).toMatchObject({ code: 2 });
  expect(server.calls).toHaveLength(before + 3);
});

test('at a terminal it asks, and does what it is told', async () => {
  const declined = await call(['put_hook', '--name', 'x'], { answer: false });
  expect(declined).toMatchObject({
    code: 7,
    out: '',
    notes: 'Nothing was called.\n',
    asked: ['put_hook {"name":"x"} cannot be undone. Call it?'],
  });
  expect(server.calls).toHaveLength(before);
  expect(await call(['put_hook', '--name', 'x'], { answer: true })).toMatchObject({ code: 0 });
  expect(server.calls).toHaveLength(before + 1);
});

test('a former name of a tool that destroys is asked for as well', async () => {
  expect(await call(['make_hook', '{}'])).toMatchObject({ code: 2 });
  expect(server.calls).toHaveLength(before);
});

test('without a token nothing is called', async () => {
  const { url } = server;
  const refused = await tutti(['call', '--url', url, '--yes', 'put_hook', '{}']);
  expect(refused).toMatchObject({ code: 3, notes: expect.stringContaining('TUTTI_TOKEN') });
  expect(server.calls).toHaveLength(before);
});
