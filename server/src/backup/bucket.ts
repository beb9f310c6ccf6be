import pg from 'pg';
import type { Connection } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import { createLog } from '../core/log.ts';
import type { PinnedObject } from '../core/objects/object-store.ts';
import { openBucket } from '../core/objects/open.ts';
import type { Settings } from '../core/settings.ts';
import type { Manifest } from './manifest.ts';
import { readPinned } from './tables.ts';

/** Refuses to restore objects of one kind where the server would look for the other. */
export function requireSameKind({ bucket, parts }: Manifest, settings: Settings): void {
  const here = settings['objects.s3_bucket'];
  if (bucket !== undefined && here === undefined) {
    throw new AppError(
      'CONFLICT',
      `The objects of this backup are not in it, but in ${bucket}.`,
      'Restore it with the settings objects.s3_… of that bucket, or of a copy, in tutti.yaml (--config) or the environment.',
    );
  }
  if (here !== undefined && bucket === undefined && parts.some((part) => part.name.startsWith('objects/'))) {
    throw new AppError(
      'CONFLICT',
      'This backup holds its objects, and a server with objects.s3_bucket would not find them.',
      'Restore it without objects.s3_bucket.',
    );
  }
}

/** Refuses a restored database some of whose objects are not in the bucket. */
export async function requireObjects(connection: Connection, settings: Settings): Promise<void> {
  const objects = await openBucket(settings, createLog('warn'));
  const client = new pg.Client({ ...connection, application_name: 'tutti restore' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const missing: string[] = [];
    const stored = eachStored(objects);
    let next = await stored.next();
    // Both in the order of hashes, so that neither list is ever whole in memory.
    for await (const sha256 of readPinned(client)) {
      while (!next.done && next.value.sha256 < sha256) next = await stored.next();
      if (next.done || next.value.sha256 !== sha256) missing.push(sha256);
    }
    if (missing.length > 0) throw lacking(missing);
  } finally {
    await client.end();
    await objects.close();
  }
}

async function* eachStored(objects: Awaited<ReturnType<typeof openBucket>>): AsyncGenerator<PinnedObject> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await objects.list({ after, limit: 1000 });
    yield* items;
    if (next === undefined) return;
    after = next;
  }
}

function lacking(missing: readonly string[]): AppError {
  return new AppError(
    'NOT_FOUND',
    `${missing.length} objects that versions speak of are not in the bucket.`,
    'Bring the bucket to the state of that time and restore again, or restore what there is with --without-objects.',
    { sha256: missing.slice(0, 20) },
  );
}
