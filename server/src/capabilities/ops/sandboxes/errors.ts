import { AppError, type Untrusted } from '../../../core/errors.ts';

/** A sandbox that is not there reads like one of somebody else. */
export function noSandbox(name: string): AppError {
  return new AppError(
    'SANDBOX_NOT_FOUND',
    'There is no such sandbox, or it is not yours.',
    'Find it with orcaops_list_sandboxes, or make one with orcaops_create_sandbox.',
    { name },
  );
}

export function sandboxExists(name: string): AppError {
  return new AppError(
    'SANDBOX_EXISTS',
    'There is a sandbox of this name or directory already.',
    'Use it, see orcaops_get_sandbox if it is yours; else choose another name and directory.',
    { name },
  );
}

export function noTemplate(id: string): AppError {
  return new AppError('TEMPLATE_NOT_FOUND', 'There is no such template.', 'Choose one of orcaops_list_templates.', {
    template_id: id.slice(0, 60),
  });
}

export function noService(name: string, service: string, services: readonly string[]): AppError {
  return new AppError(
    'SERVICE_NOT_FOUND',
    `The sandbox has no service ${JSON.stringify(service.slice(0, 60))}.`,
    `Use one of: ${services.join(', ')}.`,
    { name, services },
  );
}

export function notRunning(name: string, service: string): AppError {
  return new AppError(
    'SANDBOX_NOT_RUNNING',
    `The service ${service} of this sandbox does not run.`,
    'Start it with orcaops_start_sandbox; why it ended may stand in orcaops_get_sandbox_logs.',
    { name, service },
  );
}

export function sandboxBusy(name: string, status: string): AppError {
  return new AppError(
    'CONFLICT',
    `This sandbox is ${status} just now.`,
    'Wait until orcaops_get_sandbox shows another status, then call again.',
    { name, status },
  );
}

export function engineElsewhere(name: string, engine: string): AppError {
  return new AppError(
    'ENGINE_ELSEWHERE',
    'This sandbox runs on an engine that another process reaches.',
    'Call the server beside that engine, which orcaops_system_info names.',
    { name, engine },
  );
}

export function noDirectory(name: string): AppError {
  return new AppError(
    'DIR_NOT_FOUND',
    'The directory of this sandbox is not below the data directory of this server, or is not what was made.',
    'If another server on this machine made it, call that one; else delete it with orcaops_delete_sandbox and make it again with orcaops_create_sandbox.',
    { name },
  );
}

export function noCompose(name: string): AppError {
  return new AppError(
    'NO_COMPOSE',
    'The compose file of this sandbox is gone, or is not what was made.',
    'Delete it with orcaops_delete_sandbox and make it again with orcaops_create_sandbox.',
    { name },
  );
}

export function noComposeCommand(platform: NodeJS.Platform = process.platform): AppError {
  const line =
    platform === 'linux'
      ? 'Install it, on Debian: sudo apt-get install docker-compose, or the plugin docker-compose-plugin of Docker.'
      : 'Install it: it comes with Docker Desktop, or brew install docker-compose.';
  return new AppError(
    'DOCKER_COMPOSE_NOT_FOUND',
    'Neither docker compose nor docker-compose is installed.',
    `${line} Then call again.`,
  );
}

export function composeFailed(
  code: 'CREATE_FAILED' | 'START_FAILED' | 'STOP_FAILED',
  message: string,
  output?: Untrusted,
): AppError {
  return new AppError(
    code,
    message,
    'Read the output in the details; orcaops_get_sandbox_logs shows what its services wrote.',
    output === undefined ? undefined : { output },
  );
}

export function tooLong(action: string, seconds: number): AppError {
  return new AppError(
    'TIMEOUT',
    `To ${action} the sandbox took longer than ${seconds} s.`,
    'What had begun still stands: look at orcaops_get_sandbox and orcaops_get_sandbox_logs, then try again or stop it.',
    { action, seconds },
  );
}

export function noFile(path: string, reason?: string): AppError {
  return new AppError(
    'FILE_NOT_FOUND',
    'There is no such file, or it is no plain file.',
    'Look for it with orcaops_exec_sandbox: ls -l. Files in memory (tmpfs) are read by its cat alone.',
    { path: path.slice(0, 300), ...(reason !== undefined && { reason }) },
  );
}

export function noSnapshot(id: string): AppError {
  return new AppError(
    'SNAPSHOT_NOT_FOUND',
    'There is no such snapshot, or it is not yours.',
    'Find it with orcaops_list_snapshots.',
    { snapshot_id: id.slice(0, 80) },
  );
}
