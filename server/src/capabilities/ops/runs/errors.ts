import { AppError } from '../../../core/errors.ts';
import { statesOf } from '../contract.ts';

/** A job that is not there reads like one of somebody else. */
export function noJob(id: string): AppError {
  return new AppError(
    'JOB_NOT_FOUND',
    'There is no such job, or it is not yours.',
    'Find it with orcaops_list_jobs, or submit one with orcaops_submit_job.',
    { job_id: id },
  );
}

export function noRun(id: string): AppError {
  return new AppError('RUN_NOT_FOUND', 'There is no such run, or it is not yours.', 'Find it with orcaops_list_runs.', {
    job_id: id,
  });
}

export function runGoesOn(id: string): AppError {
  return new AppError(
    'CONFLICT',
    'This job has not ended.',
    'Stop it with orcaops_cancel_job, or wait for its end, see orcaops_get_job_status.',
    { job_id: id },
  );
}

export function jobExists(id: string): AppError {
  return new AppError(
    'ALREADY_EXISTS',
    'There is a job of this id already.',
    'See orcaops_get_job_status if it is yours; else leave job_id out or choose another one. To repeat a call safely use idempotency_key.',
    { job_id: id },
  );
}

export function noArtifact(id: string, filename: string): AppError {
  return new AppError(
    'ARTIFACT_NOT_FOUND',
    'This job left no such file.',
    'See its files with orcaops_list_artifacts; what was not taken stands in artifact_problems of orcaops_get_job_status.',
    { job_id: id, filename: filename.slice(0, 200) },
  );
}

/** The states that a status stands for. Throws INVALID_STATUS. */
export function statesOfStatus(status: string): readonly string[] {
  const states = statesOf.get(status);
  if (states) return states;
  throw new AppError(
    'INVALID_STATUS',
    `There is no status ${JSON.stringify(status.slice(0, 40))}.`,
    `Use one of: ${[...statesOf.keys()].join(', ')}; or leave it out.`,
    { valid: [...statesOf.keys()] },
  );
}

export function overLimit(field: string, asked: number, most: number): AppError {
  return new AppError(
    'LIMIT_EXCEEDED',
    `${field} is ${asked}, and at most ${most} is allowed here.`,
    `Ask for ${most} or less, or ask the operator to raise ops.max_${field.replace('timeout', 'timeout_s')} or your ops.ceilings.`,
    { field, asked, most },
  );
}

/** A caller has as many jobs as it may have. */
export function tooManyJobs(open: number, most: number): AppError {
  return new AppError(
    'LIMIT_EXCEEDED',
    `jobs: ${open} of yours have not ended, and at most ${most} may be queued or running.`,
    'Wait for one with orcaops_get_job_status, stop one with orcaops_cancel_job, or ask the operator to raise ops.max_jobs or your ops.ceilings.',
    { field: 'jobs', asked: open + 1, most },
  );
}

export function imageOverLimit(image: string, most: readonly string[]): AppError {
  return new AppError(
    'LIMIT_EXCEEDED',
    `image: ${JSON.stringify(image)} is none of those that you may run here.`,
    most.length > 0 ? `Use one of: ${most.join(', ')}.` : 'Ask the operator for images in your ops.ceilings.',
    { field: 'image', asked: image, most: [...most] },
  );
}

export function networkNotAllowed(network: string, allowed: readonly string[]): AppError {
  return new AppError(
    'NETWORK_NOT_ALLOWED',
    `The network ${network} is not allowed here.`,
    `Use one of: ${allowed.join(', ')}; or ask the operator to list it in ops.networks.`,
    { network, allowed },
  );
}

/** How a job ended that did not succeed; it stands in the job's record. */
export function commandFailed(step: number, total: number, code: number): AppError {
  return new AppError(
    'COMMAND_FAILED',
    `Command ${step} of ${total} ended with exit code ${code}.`,
    'Read its stderr in the steps or with orcaops_get_job_logs, correct it and submit the job again.',
    { step, exit_code: code },
  );
}

export function containerEnded(code: number | null): AppError {
  return new AppError(
    'CONTAINER_ENDED',
    code === null
      ? 'The container of this job is gone; how its commands ended is not known.'
      : `The container of this job ended with exit code ${code} before its commands did.`,
    'Submit the job again. If the engine was not restarted, the job itself may have ended its container.',
    { ...(code === null ? {} : { exit_code: code }) },
  );
}

export function engineAway(engine: string, timeout: number): AppError {
  return new AppError(
    'TIMED_OUT',
    `The engine ${engine} did not answer for the ${timeout} s that this job may take.`,
    'See orcaops_system_info; submit the job again once an engine answers.',
    { engine },
  );
}
