import { AppError } from '../../../core/errors.ts';

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

/** Between the look at it and the call a job took it. */
export function takenByJob(id: string): AppError {
  return new AppError(
    'STOP_FAILED',
    'A job took this container a moment ago.',
    'Look again with orcaops_list_containers; stop the job with orcaops_cancel_job if that is meant.',
    { container_id: id },
  );
}
