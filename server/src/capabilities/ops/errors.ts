import { AppError, type ErrorRow, untrusted } from '../../core/errors.ts';

const row = (http: number, exit: number, retryable = false): ErrorRow => ({ http, exit, retryable });

export const opsErrors: Readonly<Record<string, ErrorRow>> = {
  DOCKER_UNAVAILABLE: row(503, 6, true),
  DOCKER_REFUSED: row(502, 6, true),
  CONTAINER_NOT_FOUND: row(404, 4),
  CONTAINER_NOT_OURS: row(403, 3),
  REMOVE_FAILED: row(409, 5),
  IMAGE_NOT_FOUND: row(404, 4),
  IMAGE_NOT_ALLOWED: row(403, 3),
  PULL_FAILED: row(502, 6, true),
  NO_SHELL: row(422, 2),
  INVALID_PATH: row(422, 2),
  OUT_OF_MEMORY: row(422, 1),
  JOB_NOT_FOUND: row(404, 4),
  RUN_NOT_FOUND: row(404, 4),
  ARTIFACT_NOT_FOUND: row(404, 4),
  INVALID_STATUS: row(422, 2),
  ENGINE_NOT_FOUND: row(422, 2),
  ENGINE_NAME_TAKEN: row(409, 5),
  LIMIT_EXCEEDED: row(422, 2),
  NETWORK_NOT_ALLOWED: row(403, 3),
  COMMAND_FAILED: row(422, 1),
  CONTAINER_ENDED: row(502, 1),
  JOB_TIMEOUT: row(504, 7, true),
  SANDBOX_NOT_FOUND: row(404, 4),
  SANDBOX_EXISTS: row(409, 5),
  SANDBOX_NOT_RUNNING: row(409, 5),
  SERVICE_NOT_FOUND: row(404, 4),
  TEMPLATE_NOT_FOUND: row(404, 4),
  INVALID_TEMPLATE: row(422, 2),
  CREATE_FAILED: row(502, 6),
  START_FAILED: row(502, 6, true),
  STOP_FAILED: row(502, 6, true),
  DIR_NOT_FOUND: row(410, 4),
  NO_COMPOSE: row(410, 4),
  DOCKER_COMPOSE_NOT_FOUND: row(503, 6),
  TIMEOUT: row(504, 7, true),
  ENGINE_ELSEWHERE: row(421, 6),
  FILE_NOT_FOUND: row(404, 4),
  SNAPSHOT_NOT_FOUND: row(404, 4),
};

/** Nothing answers as a Docker engine there. The address is the operator's, so it is told. */
export function dockerUnavailable(host: string, cause: unknown): AppError {
  return new AppError(
    'DOCKER_UNAVAILABLE',
    'No Docker engine answers.',
    `${installLine(process.platform)} Then call orcaops_system_info.`,
    { host, cause: untrusted('docker', messageOf(cause), 300) },
    { cause },
  );
}

function installLine(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Install and start one: brew install colima docker && colima start';
  if (platform === 'win32') return 'Install and start Docker Desktop: winget install Docker.DockerDesktop';
  return 'Install and start one, on Debian: sudo apt-get install docker.io && sudo systemctl start docker; let the user of the server into the group docker.';
}

export function noContainer(id: string): AppError {
  return new AppError(
    'CONTAINER_NOT_FOUND',
    'There is no such container.',
    'Find it with orcaops_list_containers, its id or its name in full; a container is removed when its job ends.',
    { container_id: id },
  );
}

export function noImage(image: string): AppError {
  return new AppError(
    'IMAGE_NOT_FOUND',
    `The image ${JSON.stringify(image)} is not there.`,
    'Check its name and tag. What is not on the engine is pulled only where the operator lists it in ops.pull_images.',
    { image },
  );
}

export function noShell(image: string): AppError {
  return new AppError(
    'NO_SHELL',
    `The image ${JSON.stringify(image)} has no /bin/sh, which runs the commands.`,
    'Use a variant of the image that has a shell, such as one with -debug, -slim or -alpine in its tag, and call orcaops_run_job again.',
    { image },
  );
}

export function invalidPath(path: string, why: string): AppError {
  return new AppError(
    'INVALID_PATH',
    `The path ${JSON.stringify(path.slice(0, 200))} ${why}.`,
    'Name a path below /work without "..", such as out/report.txt; artifacts may hold *, ? and **.',
    { path: path.slice(0, 200) },
  );
}

export function outOfMemory(limitBytes: number): AppError {
  return new AppError(
    'OUT_OF_MEMORY',
    'The job was killed because it took more memory than it may have.',
    'Call orcaops_run_job again with less data at once, or with a higher memory limit as far as the policy allows.',
    { memory_bytes: limitBytes },
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
