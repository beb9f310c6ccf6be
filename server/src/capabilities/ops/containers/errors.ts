import { AppError, untrusted } from '../../../core/errors.ts';

/** This server did not make it. */
export function notOurs(id: string): AppError {
  return new AppError(
    'CONTAINER_NOT_OURS',
    'This server did not make this container, so it leaves it alone.',
    'Whoever made it ends it, with docker stop on its machine. Those of this server have a kind other than foreign in orcaops_list_containers.',
    { container_id: id },
  );
}

/** The operator lets foreign containers be listed, not read. */
export function notReadable(id: string): AppError {
  return new AppError(
    'CONTAINER_NOT_OURS',
    'This server did not make this container, and the operator does not let it be read.',
    'Ask the operator to set ops.foreign_containers to read, or read it with docker logs on its machine.',
    { container_id: id },
  );
}

export function stillRuns(id: string): AppError {
  return new AppError(
    'REMOVE_FAILED',
    'This container runs.',
    'Stop it with orcaops_stop_container first, or call orcaops_remove_container again with force.',
    { container_id: id },
  );
}

/** The engine was asked to, and did not. */
export function engineRefused(code: 'STOP_FAILED' | 'REMOVE_FAILED', id: string, cause: string): AppError {
  return new AppError(
    code,
    `The Docker engine did not ${code === 'STOP_FAILED' ? 'stop' : 'remove'} this container.`,
    'Read what it says in the details, and look at the container with orcaops_inspect_container.',
    { container_id: id, cause: untrusted('docker', cause, 500) },
  );
}

/** Its engine is one that another process reaches. */
export function containerElsewhere(id: string, engine: string, job: string | null): AppError {
  return new AppError(
    'ENGINE_ELSEWHERE',
    `This container is on the engine ${engine}, which this server does not reach.`,
    job === null
      ? `Look at it with docker inspect on the machine of ${engine}; to remove it use orcaops_remove_container here.`
      : `See its job with orcaops_get_job_status and job_id ${job}; to end it use orcaops_cancel_job. Both work here.`,
    { container_id: id, engine, ...(job !== null && { job_id: job }) },
  );
}

/** Between the look at it and the call a job took it. */
export function takenByJob(id: string): AppError {
  return new AppError(
    'STOP_FAILED',
    'A job took this container a moment ago.',
    'Look again with orcaops_list_containers; stop the job with orcaops_cancel_job if that is meant.',
    { container_id: id },
  );
}
