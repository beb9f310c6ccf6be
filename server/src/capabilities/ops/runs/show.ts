import type { Db } from '../../../core/db/database.ts';
import type { JobState } from '../../../core/jobs/job.ts';
import { listArtifacts } from '../artifacts/store.ts';
import { type Run, statusOf } from '../contract.ts';
import { whyAway } from '../engines/errors.ts';
import { countRunning, listEngines } from '../engines/store.ts';
import { shownEnv } from '../fingerprint.ts';
import { workDirectory } from '../paths.ts';
import { clip } from './clip.ts';
import { listSteps, type RunRow, type StepRow } from './store.ts';

/** Characters of output in the answer that holds a whole run; orcaops_get_job_logs pages through all that is kept. */
const outputChars = 40_000;
const maxArtifacts = 200;

/** A run as its tools answer it. */
export async function showRun(db: Db, row: RunRow): Promise<Run> {
  const [steps, artifacts, reason] = await Promise.all([
    listSteps(db, row.id),
    listArtifacts(db, row.id, { limit: maxArtifacts }),
    reasonOf(db, row),
  ]);
  return runOf(row, { steps, artifacts, reason });
}

/** A run that was added just now, of which there is nothing to be read. */
export function showNewRun(row: RunRow): Run {
  return runOf(row, { steps: [], artifacts: [], reason: null });
}

interface Parts {
  readonly steps: readonly StepRow[];
  readonly artifacts: Awaited<ReturnType<typeof listArtifacts>>;
  readonly reason: string | null;
}

function runOf(row: RunRow, { steps, artifacts, reason }: Parts): Run {
  const { spec } = row;
  const share = Math.max(400, Math.floor(outputChars / Math.max(1, steps.length)));
  return {
    success: true,
    job_id: row.name,
    system_job_id: row.id,
    status: shownStatus(row.state),
    ...(reason !== null && { reason }),
    created_at: row.created_at.toISOString(),
    ...(row.started_at && { started_at: row.started_at.toISOString() }),
    ...(row.finished_at && { finished_at: row.finished_at.toISOString() }),
    ...(row.container_id !== null && { sandbox_id: row.container_id.slice(0, 12) }),
    image_ref: row.image,
    steps: steps.map((step) => showStep(step, share)),
    artifacts: artifacts.map(showArtifact),
    ...(row.artifact_problems.length > 0 && { artifact_problems: row.artifact_problems }),
    ...(row.container_id !== null && { cleanup_status: cleanupOf(row) }),
    ...(row.expires_at && { ttl_expiry: row.expires_at.toISOString() }),
    fingerprint: row.fingerprint,
    ...(row.error && { error: shownError(row) }),
    triggered_by: row.triggered_by,
    ...(row.intent !== null && { intent: row.intent }),
    ...(row.parent_job_id !== null && { parent_job_id: row.parent_job_id }),
    tags: row.tags,
    metadata: row.metadata,
    ...(row.usage && { resource_usage: row.usage }),
    environment: {
      engine: row.engine,
      network: spec.network,
      env_vars: shownEnv(spec.env),
      resource_limits: { timeout_seconds: spec.timeout, ...spec.resources },
      ...row.environment,
    },
  };
}

function cleanupOf({ container_removed, cleanup_failed }: RunRow): string {
  if (container_removed) return 'destroyed';
  return cleanup_failed ? 'leaked' : 'pending';
}

/** Why a run waits, as far as that is not simply its turn. */
async function reasonOf(db: Db, row: RunRow): Promise<string | null> {
  if (row.finished_at) return null;
  const engine = (await listEngines(db)).find(({ name }) => name === row.engine);
  if (engine && !engine.reachable) return whyAway(engine);
  if (row.state !== 'queued' || row.reason !== null || !engine) return row.reason;
  const full = (await countRunning(db, engine.name)) >= engine.capacity;
  return full ? `The engine ${engine.name} runs as many jobs as it may, ${engine.capacity}.` : null;
}

export function showListed(row: RunRow) {
  return {
    job_id: row.name,
    status: shownStatus(row.state),
    image: row.image,
    created_at: row.created_at.toISOString(),
    ...(row.finished_at && { finished_at: row.finished_at.toISOString() }),
  };
}

/** A step with at most so many characters of output; a stream that is short leaves its share to the other one. */
export function showStep(step: StepRow, chars: number) {
  const rest = (other: string) => chars - Math.min(other.length, Math.floor(chars / 2));
  const stdout = clip(step.stdout, step.stdout_cut, rest(step.stderr));
  const stderr = clip(step.stderr, step.stderr_cut, rest(step.stdout));
  return {
    command: step.command,
    exit_code: step.exit_code,
    stdout: stdout.text,
    stderr: stderr.text,
    duration_seconds: step.duration_seconds,
    ...(step.began_at && { timestamp: step.began_at.toISOString() }),
    ...(stdout.cut > 0 && { stdout_cut_bytes: stdout.cut }),
    ...(stderr.cut > 0 && { stderr_cut_bytes: stderr.cut }),
    untrusted: true,
  };
}

export function showArtifact({ name, size_bytes, sha256 }: { name: string; size_bytes: number; sha256: string }) {
  return { name, path: `${workDirectory}/${name}`, size_bytes, sha256 };
}

export function shownStatus(state: string): string {
  return statusOf[state as JobState] ?? state;
}

function shownError({ state, error }: RunRow): NonNullable<Run['error']> {
  if (state !== 'timed_out' || !error) return error as NonNullable<Run['error']>;
  return { ...error, code: 'JOB_TIMEOUT' };
}
