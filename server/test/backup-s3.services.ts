import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3Client } from '../src/core/objects/s3-client.ts';
import { sha256Of } from './support/objects-stage.ts';
import { createBucket, s3Flags } from './support/s3.ts';
import { runTutti, type ServeProcess, serveProcess } from './support/serve-process.ts';
import { makeTempDir } from './support/temp-dir.ts';

const directory = makeTempDir('backup-s3');
const at = (name: string) => path.join(directory, name);
const config = at('tutti.yaml');
let bucket: Awaited<ReturnType<typeof createBucket>>;
let running: ServeProcess | undefined;
beforeAll(async () => {
  bucket = await createBucket();
  const flags = s3Flags(bucket, directory);
  const lines = flags.flatMap((flag, index) =>
    flag.startsWith('--') ? [`  ${flag.slice('--objects-'.length).replaceAll('-', '_')}: ${flags[index + 1]}`] : [],
  );
  writeFileSync(config, `objects:\n${lines.join('\n')}\n`);
});
afterAll(async () => {
  await running?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function serve(dataDir: string): Promise<ServeProcess> {
  await running?.stop();
  running = await serveProcess(dataDir, ['--config', config]);
  return running;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the test itself
async function ok(on: ServeProcess, name: string, input: unknown): Promise<any> {
  const { status, body } = await on.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}

const text = 'a\n1\n';

test('a backup leaves objects in their bucket, and a restore wants them to be there', async () => {
  const server = await serve(at('source'));
  const { id } = await ok(server, 'register_dataset', { name: 'd', uri: 'tutti://d' });
  const { url, headers } = await ok(server, 'create_presigned_upload', { dataset_id: id, object_key: 'a.csv' });
  expect((await fetch(url, { method: 'PUT', headers, body: text })).status).toBe(200);
  await ok(server, 'commit_dataset_version', { dataset_id: id, version: 'v1' });

  const file = at('backup.tar');
  const saved = await runTutti(['backup', file, '--data-dir', at('source'), '--config', config]);
  expect(saved).toMatchObject({ code: 0, output: expect.stringContaining(`(they are in s3://${bucket.bucket}/)`) });

  const without = await runTutti(['restore', file, '--data-dir', at('other')]);
  expect(without.output).toContain('objects.s3_');
  expect(without.code).not.toBe(0);
  expect(existsSync(at('other'))).toBe(false);

  const restore = (to: string, ...more: string[]) =>
    runTutti(['restore', file, '--data-dir', at(to), '--config', config, ...more]);
  expect(await restore('target')).toMatchObject({ code: 0 });
  const restored = await serve(at('target'));
  const job = await ok(restored, 'validate', { dataset_id: id });
  expect(await ok(restored, 'job_status', { job_id: job.id, wait_s: 40 })).toMatchObject({ state: 'succeeded' });

  const client = createS3Client(bucket);
  await client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: `cas/sha256/${sha256Of(text)}` }));
  client.destroy();
  const lacking = await restore('lacking');
  expect(lacking.code).not.toBe(0);
  expect(lacking.output).toContain('1 objects that versions speak of are not in the bucket');
  expect(readdirSync(at('lacking'))).toEqual([]);
  expect(await restore('lacking', '--without-objects')).toMatchObject({ code: 0 });
});
