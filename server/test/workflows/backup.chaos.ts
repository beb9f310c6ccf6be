import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTutti, type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { workflowDocument } from '../support/workflows.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const directory = makeTempDir('workflow-backup');
const place = (name: string) => path.join(directory, name);
let server: ServeProcess;
let restored: ServeProcess | undefined;
beforeAll(async () => {
  server = await serveProcess(place('source'));
});
afterAll(async () => {
  await server.stop();
  await restored?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ok(name: string, input: unknown, on = server): Promise<Body> {
  const { status, body } = await on.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}
const put = (name: string, states: object, more = {}) =>
  ok('put_workflow', { definition: workflowDocument(name, states, more) });

test('a restored server has definitions, runs and what they hold, sealed or large, and goes on with those that wait', async () => {
  await put('large', { Big: { Type: 'Pass', Output: "{% $pad('', 300000, 'x') %}", End: true } });
  await put('sealed', { Keep: { Type: 'Pass', End: true } }, { sensitive: true });
  await put('held', {
    Hold: { Type: 'Wait', Seconds: 20, Next: 'Done' },
    Done: { Type: 'Pass', Output: 'on', End: true },
  });
  await put('noted', { Done: { Type: 'Pass', End: true } }, { triggers: [{ event: { type: 'dataset.updated' } }] });
  const large = await ok('run_pipeline', { workflow: 'large', wait_s: 15 });
  const sealed = await ok('run_pipeline', { workflow: 'sealed', input: { word: 'secret' }, wait_s: 15 });
  const held = await ok('run_pipeline', { workflow: 'held', wait_s: 0 });
  await ok('register_dataset', { name: 'first', uri: 'tutti://first' });
  const noted = async (on: ServeProcess) => (await ok('list_workflow_runs', { workflow: 'noted' }, on)).items.length;
  await expect.poll(() => noted(server), { timeout: 30_000 }).toBe(1);

  const made = await runTutti(['backup', place('backup.tar'), '--data-dir', place('source')]);
  expect(made).toMatchObject({ code: 0 });
  const back = await runTutti(['restore', place('backup.tar'), '--data-dir', place('target')]);
  expect(back).toMatchObject({ code: 0 });
  restored = await serveProcess(place('target'));

  const show = (run_id: string, more = {}) => ok('get_workflow_run', { run_id, ...more }, restored);
  const data = { include_data: true, include_sensitive: true };
  expect((await show(large.run_id, data)).output).toHaveLength(300_000);
  expect((await show(sealed.run_id, data)).output).toEqual({ word: 'secret' });
  await expect.poll(async () => (await show(held.run_id)).status, { timeout: 60_000 }).toBe('succeeded');
  expect((await show(held.run_id)).output).toBe('on');
  // The event of before started its run, and starts none again; a new one does.
  await ok('register_dataset', { name: 'second', uri: 'tutti://second' }, restored);
  await expect.poll(() => noted(restored as ServeProcess), { timeout: 30_000 }).toBe(2);
});
