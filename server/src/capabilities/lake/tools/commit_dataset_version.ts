import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { findJob } from '../../../core/jobs/store.ts';
import { noteArrivals } from '../../../core/objects/arrivals.ts';
import { tool } from '../../../core/tool.ts';
import { discardCopies, pinRead, readPlanned } from '../commits/pin.ts';
import { baseOf, keepManifest, manifestOf, publishVersion, versionTaken } from '../commits/publish.ts';
import {
  type CommitRow,
  deleteCommit,
  findCommit,
  insertCommit,
  listPlanned,
  measurePlan,
  planFiles,
  planStaged,
  updateCommit,
} from '../commits/store.ts';
import { type Dataset, datasetId, datasetSchema, metadata, versionName } from '../contract.ts';
import { noDataset, noVersion } from '../errors.ts';
import type { Place, PlaceFile } from '../in-place.ts';
import type { CommitInput, CommitNeeds } from '../jobs/commit.ts';
import { dataset } from '../objects.ts';
import { type DatasetRow, lockDataset, setDatasetState, toDataset } from '../store.ts';
import { findVersion } from '../versions/store.ts';

/** What a call does itself: more is a job. */
const short = { objects: 1000, unread: 200, unreadBytes: 32 * 2 ** 20 };

type Needs = Omit<CommitNeeds, 'db'> & { readonly jobs: JobEngine };

export const commitDatasetVersion = (needs: Needs) =>
  tool({
    name: 'commit_dataset_version',
    title: 'Commit a version',
    description:
      'Tutti lake: makes an immutable version of a dataset: the objects of the version before with all that is staged over them, each pinned by its hash. It answers at once: where there is much to read, metadata.job_id names the job that makes the version (wait with job_status). Repeating it with the same content answers the same; a version name cannot be given to other content. Next: validate, start_ingest.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      version: versionName.describe('Name of the version, such as v1 or 2026-11-20.'),
      metadata: metadata.optional(),
    },
    output: datasetSchema,
    async run(input, { db, authority, signal }) {
      const { objects, placeOf } = needs;
      const place = await placeOf((await dataset(db, input.dataset_id)).uri);
      // Before the lock: whoever waits for this dataset would wait for a slow place too.
      const files = place && (await shortListOf(place));
      if (!place) await noteArrivals(db, objects, input.dataset_id);
      const row = await lockDataset(db, input.dataset_id);
      if (!row) throw noDataset(input.dataset_id);
      const running = await runningCommit(db, row);
      if (running?.version === input.version) return inJob(row, running.job_id ?? '');
      if (running) throw commitRuns(running);

      const commit = { id: newId('com'), dataset_id: row.id, version: input.version, metadata: input.metadata ?? {} };
      await insertCommit(db, commit);
      if (files) await planFiles(db, commit.id, files);
      if (!place) await planStaged(db, commit.id, row.id);
      const plan = await measurePlan(db, commit.id);
      const existing = await findVersion(db, row.id, input.version);
      const tooLong =
        plan.objects > short.objects || plan.unread > short.unread || plan.unread_bytes > short.unreadBytes;
      if ((place && !files) || tooLong) {
        if (existing && existing.version !== row.version) throw versionTaken(input.version);
        const job = await needs.jobs.enqueue(db, {
          kind: 'lake.commit',
          authority,
          datasetId: row.id,
          input: { dataset_id: row.id, commit_id: commit.id, version: commit.version } satisfies CommitInput,
        });
        await updateCommit(db, commit.id, { job_id: job.id });
        await setDatasetState(db, row.id, 'staged');
        return inJob({ ...row, state: 'staged' }, job.id);
      }
      if (!place && plan.objects === 0) {
        await deleteCommit(db, commit.id);
        if (existing) return toDataset(row);
        if (row.version === null) throw noVersion(row.id);
      }
      return toDataset(await commitNow(db, row, { ...commit, job_id: null }, needs, place, signal));
    },
  });

/** The whole of a commit, within the call's transaction. */
async function commitNow(
  db: Db,
  row: DatasetRow,
  commit: Pick<CommitRow, 'id' | 'version' | 'metadata' | 'job_id'>,
  { objects, maxBytes }: Needs,
  place: Place | undefined,
  signal: AbortSignal,
): Promise<DatasetRow> {
  const rows = await listPlanned(db, commit.id, { limit: short.objects });
  const base = await baseOf(db, row);
  const read = await readPlanned(rows, objects, maxBytes, place, signal);
  await pinRead(db, commit.id, read, objects);
  const manifest = await manifestOf(db, commit.id, base);
  await keepManifest(db, commit.id, base, manifest);
  const done = await publishVersion(db, row, commit, manifest);
  await deleteCommit(db, commit.id);
  await discardCopies(read, objects);
  // Safe before this transaction commits: the bytes are pinned, and a second try finds them so by the hash in its rows.
  // What went past us has that hash from this very transaction, so there the sweep removes it.
  if (objects.kind === 'disk') {
    for (const { staging_key } of rows) if (staging_key !== null) await objects.discard(staging_key);
  }
  return done;
}

/** The files of a place, if they are few and small. */
async function shortListOf(place: Place): Promise<PlaceFile[] | undefined> {
  const files: PlaceFile[] = [];
  let bytes = 0;
  for await (const file of place.files()) {
    files.push(file);
    bytes += file.size;
    if (files.length > short.unread || bytes > short.unreadBytes) return undefined;
  }
  return files;
}

/** The commit whose job has not ended; what another one left is cleared away. */
async function runningCommit(tx: Db, row: DatasetRow): Promise<CommitRow | undefined> {
  const found = await findCommit(tx, row.id);
  if (!found) return undefined;
  const job = found.job_id === null ? undefined : await findJob(tx, found.job_id);
  if (job && job.finished_at === null) return found;
  await deleteCommit(tx, found.id);
  return undefined;
}

function inJob(row: DatasetRow, jobId: string): Dataset {
  const shown = toDataset(row);
  return { ...shown, metadata: { ...shown.metadata, job_id: jobId } };
}

function commitRuns({ version, job_id }: CommitRow): AppError {
  return new AppError(
    'VERSION_CONFLICT',
    `The version ${version} of this dataset is being committed now, and the next one builds on it.`,
    'Wait for the job in details with job_status, then commit again.',
    { version, job_id },
  );
}
