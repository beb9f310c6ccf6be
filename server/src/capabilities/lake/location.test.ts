import { expect, test } from 'vitest';
import { locate } from './location.ts';

const roots = ['s3://one/data/', 's3://two/', 's3://three/a/b'];

test.each([
  ['s3://one/data/', 'one', 'data/'],
  ['s3://one/data', 'one', 'data/'],
  ['s3://one/data/x/y/', 'one', 'data/x/y/'],
  ['s3://two/', 'two', ''],
  ['s3://two/any thing/ü%2e', 'two', 'any thing/ü%2e/'],
  ['s3://three/a/b', 'three', 'a/b/'],
])('%s is below a root', async (uri, bucket, prefix) => {
  expect(await locate(uri, roots)).toEqual({ kind: 'in_bucket', bucket, prefix });
});

test.each([
  's3://one/',
  's3://one',
  's3://one/database/',
  's3://one/data/../other/',
  's3://one/data//x/',
  's3://one/data/./x/',
  's3://one//data/',
  's3://one/data/x\n/',
  's3://one/data/x\\y/',
  's3://three/a/bc/',
  's3://other/data/',
  's3://ONE/data/',
  'S3://one/data/',
  's3://user:secret@one/data/',
  's3://one:80/data/',
  's3:///data/',
])('%j is not', async (uri) => {
  await expect(locate(uri, roots)).rejects.toMatchObject({ code: 'URI_NOT_ALLOWED' });
});
