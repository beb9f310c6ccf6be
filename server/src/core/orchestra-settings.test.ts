import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const read = (env: NodeJS.ProcessEnv, ...flags: string[]) =>
  readSettings(['--data-dir', '/tmp/tutti-none', ...flags], env);

test('the variables of the seed name where the key stands and where it goes; the key is in no setting', () => {
  const settings = read({
    ORCHESTRA_API_KEY: 'the-key-itself',
    ORCHESTRA_API_BASE_URL: 'https://x.example/api/engine/',
  });
  expect(settings).toMatchObject({
    'orchestra.api_key': 'env:ORCHESTRA_API_KEY',
    'orchestra.api_base_url': 'https://x.example/api/engine/',
    'orchestra.allow_writes': false,
  });
  expect(JSON.stringify(settings)).not.toContain('the-key-itself');
  expect(read({ ORCHESTRA_API_KEY_FILE: '/run/key' })).toMatchObject({ 'orchestra.api_key': 'file:/run/key' });
  expect(read({})['orchestra.api_key']).toBeUndefined();
  expect(read({})['orchestra.api_base_url']).toBe('https://app.getorchestra.io/api/engine/public/');
  const both = { ORCHESTRA_API_KEY: 'x', TUTTI_ORCHESTRA_API_KEY: 'env:OTHER' };
  expect(read(both)['orchestra.api_key']).toBe('env:OTHER');
});

test.each<[NodeJS.ProcessEnv, string[], RegExp]>([
  [{ ORCHESTRA_API_KEY: 'op://GRC/item/credential' }, [], /1Password.*op run/],
  [{ MY_KEY: ' op://GRC/item/credential' }, ['--orchestra-api-key', 'env:MY_KEY'], /1Password.*op run/],
  [{}, ['--orchestra-api-key', 'op://GRC/item/credential'], /1Password.*op run/],
  [{}, ['--orchestra-api-key', 'the-key-itself'], /never the key/],
  [{ ORCHESTRA_API_KEY_FILE: 'key' }, [], /env:VARIABLE or file:\/path/],
  [{ ORCHESTRA_API_BASE_URL: 'app.getorchestra.io' }, [], /orchestra\.api_base_url/],
])('what cannot be used stops the start with the reason, and repeats no key', (env, flags, reason) => {
  let message = '';
  try {
    read(env, ...flags);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(reason);
  expect(message).not.toMatch(/GRC|itself/);
});
