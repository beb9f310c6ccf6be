import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const source = (file: string) => pathToFileURL(path.join(import.meta.dirname, '../src', file)).href;

/** The modules that a process loads which imports one. */
function loadedBy(file: string): string[] {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => { console.log(url); return next(url, context); } });
    await import(${JSON.stringify(source(file))});
    process.exit();`;
  return String(execFileSync(process.execPath, ['--input-type=module', '--eval', script])).split('\n');
}

test('a server loads the S3 client only where it has a bucket', () => {
  const server = loadedBy('main.ts');
  expect(server).toContain(source('core/objects/disk.ts'));
  expect(server.filter((url) => /\/node_modules\/@(aws-sdk|smithy)\//.test(url))).toEqual([]);
  expect(loadedBy('core/objects/s3.ts').some((url) => url.includes('/node_modules/@aws-sdk/'))).toBe(true);
});

test('a server loads the Weaviate client when an instance is first used', async () => {
  const of = (urls: readonly string[]) =>
    urls.filter((url) => /\/node_modules\/(weaviate-client|nice-grpc|@grpc)\//.test(url));
  const server = loadedBy('main.ts');
  expect(server).toContain(source('capabilities/lake/targets/weaviate/instances.ts'));
  expect(of(server)).toEqual([]);
});
