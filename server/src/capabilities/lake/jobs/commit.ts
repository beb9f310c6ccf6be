import { type Db, inTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { discardCopies, pinRead, readPlanned } from '../commits/pin.ts';
import { baseOf, keepManifest, manifestOf, publishVersion } from '../commits/publish.ts';
import {
  type CommitRow,
  clearPlan,
  deleteCommit,
  findCommitById,
  listPlanned,
  measurePlan,
  type PlannedRow,
  planFiles,
} from '../commits/store.ts';
import { noDataset } from '../errors.ts';
import type { Place } from '../in-place.ts';
import type { PlaceOf } from '../places.ts';
import { findDataset, lockDataset, setDatasetState } from '../store.ts';

export interface CommitNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly maxBytes: number;
  /** The place of a dataset that is read in place; undefined for a managed one. */
  readonly placeOf: PlaceOf;
}

export interface CommitInput {
  readonly dataset_id: string;
  readonly commit_id: string;
  readonly version: string;
}

const stepObjects = 1000;
/** Bytes that a step reads. What was read before a kill is read again, so it is not much. */
const stepBytes = 256 * 2 ** 20;
const fileChunk = 5000;
const maxFiles = 1_000_000;
const retry = { retries: 5, backoffMs: 500 };

/**
 * A commit that is too long for a call: reads and pins its objects chunk by chunk, then makes the version in one
 * transaction. All of it is by content, so whatever is done twice after a kill comes to the same.
 */
export const commit = (needs: CommitNeeds): JobHandler => ({
  kind: 'lake.commit',
  version: 1,
  scope: 'lake:write',
  async run(context, rawInput) {
    const input = rawInput as unknown as CommitInput;
    try {
      return await run(context, input, needs);
    } catch (error) {
      await context.conclude('give up', async (tx) => {
        await deleteCommit(tx, input.commit_id);
        await setDatasetState(tx, input.dataset_id, 'failed');
      });
      throw error;
    }
  },
});

async function run(context: JobContext, input: CommitInput, needs: CommitNeeds): Promise<Record<string, unknown>> {
  const { db } = needs;
  const uri = await context.step('dataset', async () => {
    const row = await findDataset(db, input.dataset_id);
    if (!row) throw noDataset(input.dataset_id);
    return row.uri;
  });
  const total = await context.step('plan', async () => {
    const place = await needs.placeOf(uri);
    if (place) await planPlace(db, input.commit_id, place);
    return measurePlan(db, input.commit_id);
  });

  let done = { objects: 0, bytes: 0, after: undefined as string | undefined };
  for (let at = 0; done.objects < total.objects; at += 1) {
    const before = done;
    const chunk = await context.step(
      `pin ${at}`,
      () => pinChunk(input, uri, before.after, context.signal, needs),
      retry,
    );
    done = { objects: done.objects + chunk.objects, bytes: done.bytes + chunk.bytes, after: chunk.after };
    context.progress((0.9 * done.objects) / total.objects, { objects: done.objects, bytes: done.bytes });
  }

  for (let at = 0; ; at += 1) {
    const base = await context.step(`base ${at}`, async () => {
      const row = await findDataset(db, input.dataset_id);
      if (!row) throw noDataset(input.dataset_id);
      return (await baseOf(db, row)) ?? null;
    });
    const manifest = await context.step(`identify ${at}`, () => manifestOf(db, input.commit_id, base ?? undefined));
    await context.transaction(`manifest ${at}`, (tx) => keepManifest(tx, input.commit_id, base ?? undefined, manifest));
    const published = await context.transaction(`publish ${at}`, (tx) => publish(tx, input, base, manifest));
    if (!published) continue; // another version became the current one meanwhile, which this one is to build on
    await context.step('clean up', () => cleanUp(input.commit_id, needs));
    return { version: input.version, manifest_id: manifest, objects: total.objects, bytes: done.bytes };
  }
}

async function planPlace(db: Db, commitId: string, place: Place): Promise<void> {
  await clearPlan(db, commitId); // of a scan that broke off
  let files: Parameters<typeof planFiles>[2][number][] = [];
  let count = 0;
  for await (const file of place.files()) {
    files.push(file);
    count += 1;
    if (count > maxFiles) throw tooManyFiles();
    if (files.length < fileChunk) continue;
    await planFiles(db, commitId, files);
    files = [];
  }
  await planFiles(db, commitId, files);
}

async function pinChunk(
  { commit_id }: CommitInput,
  uri: string,
  after: string | undefined,
  signal: AbortSignal,
  { db, objects, maxBytes, placeOf }: CommitNeeds,
): Promise<{ objects: number; bytes: number; after: string | undefined }> {
  const rows = within(await listPlanned(db, commit_id, { after, limit: stepObjects }));
  const place = await placeOf(uri);
  const read = await readPlanned(rows, objects, maxBytes, place, signal);
  await inTransaction(db, (tx) => pinRead(tx, commit_id, read, objects));
  await discardCopies(read, objects);
  const bytes = read.reduce((sum, { staged }) => sum + staged.size, 0);
  return { objects: rows.length, bytes, after: rows.at(-1)?.key };
}

/** The first of these rows, up to what a step may read; one at least. */
function within(rows: readonly PlannedRow[]): PlannedRow[] {
  let bytes = 0;
  const end = rows.findIndex((row) => {
    bytes += row.sha256 === null ? (row.size ?? 0) : 0;
    return bytes > stepBytes;
  });
  return end < 0 ? [...rows] : rows.slice(0, Math.max(end, 1));
}

/** False when the dataset's current version is not the one that the manifest builds on. */
async function publish(tx: Db, input: CommitInput, base: string | null, manifest: string): Promise<boolean> {
  const row = await lockDataset(tx, input.dataset_id);
  const planned = await findCommitById(tx, input.commit_id);
  if (!row || !planned) throw noDataset(input.dataset_id);
  if (((await baseOf(tx, row)) ?? null) !== base) return false;
  await publishVersion(tx, row, planned as CommitRow, manifest);
  return true;
}

/** The staged bytes are of no use any more, and the dataset is free for the next commit. */
async function cleanUp(commitId: string, { db, objects }: CommitNeeds): Promise<void> {
  // In an object store the sweep removes them: another commit may be reading them now.
  if (objects.kind === 'disk') {
    for (let after: string | undefined; ; ) {
      const rows = await listPlanned(db, commitId, { after, limit: stepObjects });
      const keys = new Set(rows.flatMap(({ staging_key }) => staging_key ?? []));
      await inParallel([...keys], 8, (key) => objects.discard(key));
      if (rows.length < stepObjects) break;
      after = rows.at(-1)?.key;
    }
  }
  await deleteCommit(db, commitId);
}

function tooManyFiles(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `The place holds more than ${maxFiles} files.`,
    'Register its parts as datasets of their own.',
  );
}
