import type { JobContext } from '../../../core/jobs/handler.ts';
import type { Engine } from '../docker/client.ts';
import type { PullProgress } from '../docker/images.ts';
import type { PoolSpec } from '../pool/key.ts';
import { type RunRow, setReason } from '../runs/store.ts';
import { bindContainer, ensureContainer, wantedContainer } from './bind.ts';
import { putInputFiles } from './input-files.ts';
import type { RunNeeds } from './needs.ts';

export interface Prepared {
  readonly id: string;
  readonly environment: RunRow['environment'];
  /** What the next run of the same kind would want. */
  readonly wanted: PoolSpec;
}

const tellMs = 1000;

/**
 * The container of a run whose script was not sent yet, with its files in it. May be called again after any failure. Throws
 * IMAGE_NOT_ALLOWED, IMAGE_NOT_FOUND, PULL_FAILED, NO_SHELL, and the reason of the signal.
 */
export async function prepareContainer(
  engine: Engine,
  run: RunRow,
  context: Pick<JobContext, 'progress'>,
  signal: AbortSignal,
  needs: RunNeeds,
): Promise<Prepared> {
  const { spec } = run;
  const image = await needs.images.ensure(engine, spec.image, {
    pull: spec.pull,
    onProgress: tellPull(run, context, needs),
    signal,
  });
  const wanted = await wantedContainer(engine, run, image, needs);
  const row = await bindContainer(run, wanted, needs);
  const id = await ensureContainer(engine, run, row, wanted, needs);
  if (spec.input_files.length > 0) await putInputFiles(engine, id, row.uid, spec.input_files, needs.objects);
  const version = needs.engine.version();
  const environment = { image_digest: image.digest, ...(version !== undefined && { docker_version: version }) };
  return { id, environment, wanted };
}

/** As the reason why the job waits, which whoever waits for the job is told too, and in its counters. */
function tellPull(run: RunRow, context: Pick<JobContext, 'progress'>, { db, log }: RunNeeds) {
  let told = 0;
  return ({ done_bytes, total_bytes }: PullProgress) => {
    context.progress(0, { pulled_bytes: done_bytes, pull_bytes: total_bytes });
    if (Date.now() - told < tellMs) return;
    told = Date.now();
    const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
    setReason(db, run.id, `Its image is pulled: ${mib(done_bytes)} of ${mib(total_bytes)} MiB so far.`).catch((error) =>
      log.debug({ error }, 'the progress of a pull was not written'),
    );
  };
}
