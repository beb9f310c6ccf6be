import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeTempDir } from '../../../test/support/temp-dir.ts';
import { redact } from '../redact.ts';
import { readSettings } from '../settings.ts';
import { objectsUri, s3Settings } from './open.ts';

const directory = makeTempDir('open');
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(path.join(directory, name), text);
  return `file:${path.join(directory, name)}`;
};
const read = (values: Record<string, string>) =>
  readSettings(
    [`--data-dir=${directory}`, ...Object.entries(values).map(([name, value]) => `--objects-${name}=${value}`)],
    {},
  );

test('without a bucket objects are on disk', async () => {
  expect(await s3Settings(read({}))).toBeUndefined();
  expect(objectsUri(read({}))).toBeUndefined();
});

test('keys come from where they are named, and are concealed from then on', async () => {
  const settings = read({
    's3-bucket': 'objects',
    's3-endpoint': 'http://127.0.0.1:1',
    's3-prefix': 'a/b/',
    's3-access-key': file('access', 'the access key\n'),
    's3-secret-key': file('secret', 'the secret key\n'),
  });
  expect(JSON.stringify(settings)).not.toContain('the secret key');
  expect(objectsUri(settings)).toBe('s3://objects/a/b/');
  expect(await s3Settings(settings)).toEqual({
    bucket: 'objects',
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    prefix: 'a/b/',
    pathStyle: true,
    credentials: { accessKeyId: 'the access key', secretAccessKey: 'the secret key' },
  });
  expect(redact('it is the secret key')).not.toContain('the secret key');
});

test('AWS is addressed by host name and its own keys, unless said otherwise', async () => {
  expect(await s3Settings(read({ 's3-bucket': 'objects' }))).toMatchObject({
    endpoint: undefined,
    pathStyle: false,
    credentials: undefined,
  });
  const by = { 's3-bucket': 'objects', 's3-endpoint': 'https://s3.example', 's3-path-style': 'false' };
  expect(await s3Settings(read(by))).toMatchObject({ pathStyle: false });
});

test('keys that are not where they are named are said so, without a value', async () => {
  const keys = { 's3-access-key': 'env:NO_SUCH_VARIABLE', 's3-secret-key': `file:${directory}/none` };
  await expect(s3Settings(read({ 's3-bucket': 'objects', ...keys }))).rejects.toThrow(
    'Setting objects.s3_access_key: there is nothing at env:NO_SUCH_VARIABLE.',
  );
});

test.each([
  ['a key itself', { 's3-access-key': 'AKIA', 's3-secret-key': 'abc' }, 'never the value'],
  ['one key alone', { 's3-secret-key': 'env:SECRET' }, 'give both, or neither'],
  ['keys in the endpoint', { 's3-endpoint': 'http://a:b@127.0.0.1' }, 'must hold no keys'],
  ['an endpoint that is none', { 's3-endpoint': 's3.example' }, 'objects.s3_endpoint'],
  ['a bucket with a path', { 's3-bucket': 'a/b' }, 'must be the name of a bucket'],
  ['a prefix without an end', { 's3-prefix': 'tutti' }, 'end with a slash'],
])('%s is refused', (_what, values, sentence) => {
  expect(() => read({ 's3-bucket': 'objects', ...values })).toThrow(sentence);
});

test('an endpoint needs a bucket', () => {
  expect(() => read({ 's3-endpoint': 'http://127.0.0.1:1' })).toThrow('needs objects.s3_bucket');
});
