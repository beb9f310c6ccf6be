import type { Readable } from 'node:stream';
import { inTransaction } from '../../../core/db/database.ts';
import { holdObject, keepFromCollector } from '../../../core/objects/holds/store.ts';
import { putArtifact } from '../artifacts/store.ts';
import type { CollectedArtifacts } from '../runner/collect.ts';
import type { RunNeeds } from './needs.ts';

const maxProblems = 100;

/** Who holds the bytes of a run. */
export function holderOf(runId: string): string {
  return `ops:${runId}`;
}

/** Keeps a file of a job: its bytes in the object store, its name beside the job. */
export async function takeArtifact(
  runId: string,
  file: { readonly path: string; readonly size: number },
  body: Readable,
  { db, objects }: Pick<RunNeeds, 'db' | 'objects'>,
): Promise<string> {
  const staged = await objects.stage('artifact', { body, size: file.size });
  try {
    await inTransaction(db, async (tx) => {
      await keepFromCollector(tx);
      await objects.pin(staged);
      await holdObject(tx, holderOf(runId), staged.sha256);
      await putArtifact(tx, { run_id: runId, name: file.path, size_bytes: staged.size, sha256: staged.sha256 });
    });
  } finally {
    await objects.discard(staged.stagingKey);
  }
  return file.path;
}

/** What was asked for and not taken. */
export function problemsOf({
  skipped,
  unmatched,
  cut,
}: CollectedArtifacts<unknown>): { name: string; reason: string }[] {
  return [
    ...skipped.map(({ name, reason }) => ({ name, reason })),
    ...unmatched.map((name) => ({ name, reason: 'unmatched' })),
    ...(cut === undefined ? [] : [{ name: '**', reason: `stopped_at_limit_of_${cut}` }]),
  ].slice(0, maxProblems);
}
