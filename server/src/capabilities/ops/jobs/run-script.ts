import { inTransaction } from '../../../core/db/database.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import type { OutputShare } from '../contract.ts';
import type { ArchiveCaps } from '../docker/archive-out.ts';
import type { Engine } from '../docker/client.ts';
import { capsOf } from '../runner/capped-output.ts';
import { defaultArtifactCaps } from '../runner/collect.ts';
import { followScript } from '../runner/follow.ts';
import type { ScriptRecord } from '../runner/record.ts';
import { createRedactors } from '../runner/redact.ts';
import { type RunResult, runInContainer } from '../runner/run-container.ts';
import { markCollected, markDispatched, putSteps, type RunRow, type StepRow } from '../runs/store.ts';
import { problemsOf, takeArtifact } from './artifacts.ts';
import type { SecretEnv } from './env.ts';
import { createLive } from './live.ts';
import type { RunNeeds } from './needs.ts';
import type { Prepared } from './prepare.ts';
import { stepRows } from './steps.ts';
import type { Ends } from './stop-or-leave.ts';

/** What came of a script, with the steps that are not written down yet. */
type ScriptResult = RunResult<string> & { readonly steps: readonly StepRow[] };

/** Runs the script of a run in its container, once however often this is called, and tells of its output as it comes. */
export async function runScript(
  engine: Engine,
  { id: containerId, environment }: Pick<Prepared, 'id' | 'environment'>,
  run: RunRow,
  { env, values }: SecretEnv,
  context: JobContext,
  ends: Ends,
  needs: RunNeeds,
): Promise<ScriptResult> {
  const resume = run.dispatched_at !== null;
  const commands = run.spec.commands.map((command) => ({ command }));
  const { keep } = run.spec;
  const live = await createLive(run, needs);
  let dispatchedAt = run.dispatched_at ?? new Date();
  const rowsOf = ({ steps }: ScriptRecord) => stepRows(run.id, steps, dispatchedAt);
  let written: Promise<void> | undefined;
  const followed = {
    script: { token: run.token, commands, env },
    redactors: createRedactors(values),
    caps: capsOf(keep.output_kb),
    resume,
    async beforeSending() {
      dispatchedAt = await markDispatched(needs.db, run.id, environment);
    },
    onOutput: live.onOutput,
    onStep(step: number, code: number | null) {
      live.onStep(step, code);
      context.progress((step + (code === null ? 0 : 1)) / commands.length, { steps: step + 1 });
    },
  };
  const wantsArtifacts = run.spec.artifacts.length > 0 && !run.collected;
  try {
    const result = await runInContainer<string>(engine, containerId, {
      ...ends,
      ...followed,
      ends: needs.ends,
      // While the engine ends the container.
      onFinished(record) {
        written = live.stop().then(() => inTransaction(needs.db, (tx) => putSteps(tx, rowsOf(record))));
        written.catch(() => undefined);
      },
      ...(wantsArtifacts && {
        artifacts: {
          patterns: run.spec.artifacts,
          caps: archiveCaps(keep),
          take: (file, body) => takeArtifact(run.id, file, body, needs),
        },
      }),
      collected: (artifacts) => inTransaction(needs.db, (tx) => markCollected(tx, run.id, problemsOf(artifacts))),
    });
    if (written) {
      await written;
      return { ...result, steps: [] };
    }
    if (!resume || result.how !== 'stopped') return { ...result, steps: rowsOf(result.record) };
    // Nobody read what came before this process did, and now nothing more comes.
    const { record } = await followScript(engine, containerId, { ...followed, signal: ends.leave });
    return { ...result, record, steps: rowsOf(record) };
  } finally {
    // Before the end is written down: what it still writes must not come after.
    await live.stop();
  }
}

function archiveCaps({ artifact_mb, artifact_files }: OutputShare): ArchiveCaps {
  const bytes = artifact_mb * 2 ** 20;
  const { maxReadBytes, maxFileBytes } = defaultArtifactCaps;
  return {
    ...defaultArtifactCaps,
    maxFiles: artifact_files,
    maxTotalBytes: bytes,
    maxFileBytes: Math.min(maxFileBytes, bytes),
    // What nobody wants is read past.
    maxReadBytes: Math.max(maxReadBytes, 2 * bytes),
  };
}
