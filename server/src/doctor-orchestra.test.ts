import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { simulated, simulatorKey } from '../test/support/orchestra.ts';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { readSettings } from './core/settings.ts';
import { checkOrchestra } from './doctor-orchestra.ts';

const directory = makeTempDir('doctor-orchestra');
const keyFile = path.join(directory, 'key');
afterAll(() => rmSync(directory, { recursive: true }));
const simulator = await simulated();

const check = (...flags: string[]) => {
  const quick = ['--orchestra-backoff-ms', '1', '--egress-allow', '127.0.0.1'];
  return checkOrchestra(
    readSettings(['--data-dir', directory, '--orchestra-api-base-url', simulator.url, ...quick, ...flags], {}),
  );
};

test('it says whether a key is set, whether Orchestra takes it, and never the key', async () => {
  expect(await check()).toMatchObject({ state: 'skip', message: expect.stringContaining('ORCHESTRA_API_KEY') });
  const set = ['--orchestra-api-key', `file:${keyFile}`];
  expect(await check(...set)).toMatchObject({ state: 'fail', message: expect.stringContaining('no API key') });
  writeFileSync(keyFile, simulatorKey);
  expect(await check(...set)).toMatchObject({ state: 'ok', message: expect.stringMatching(/set.*127\.0\.0\.1/) });
  writeFileSync(keyFile, 'not-the-right-key');
  const refused = await check(...set);
  expect(refused).toMatchObject({ state: 'fail', message: expect.stringContaining('refuses the API key') });
  expect(JSON.stringify(refused)).not.toContain('not-the-right-key');
  const nobody = ['--orchestra-api-base-url', 'http://127.0.0.1:9/api/engine'];
  expect(await check(...set, ...nobody)).toMatchObject({ state: 'fail', message: expect.stringContaining('reached') });
});
