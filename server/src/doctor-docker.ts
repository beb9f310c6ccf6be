import { createEngine, defaultDockerHost, engineVersion, pingEngine } from './capabilities/ops/docker/client.ts';
import { engineCall } from './capabilities/ops/docker/failure.ts';
import { findCompose } from './capabilities/ops/sandboxes/cli.ts';
import { AppError } from './core/errors.ts';
import type { Settings } from './core/settings.ts';
import type { Check } from './doctor-check.ts';

/** The Docker engine of container jobs. Nobody needs one who runs none, so it only counts where the operator named it. */
export async function checkDocker(settings: Settings): Promise<Check> {
  const named = settings['ops.docker_host'];
  const host = named ?? defaultDockerHost();
  const name = 'docker';
  try {
    const engine = await createEngine(host);
    await pingEngine(engine);
    const { version, api_version } = await engineVersion(engine);
    const info = (await engineCall(engine, () => engine.docker.info())) as Record<string, unknown>;
    const compose = await findCompose();
    const facts = [
      `Docker ${version} (API ${api_version}) answers at ${host}`,
      `cgroup v${String(info.CgroupVersion ?? 1)}`,
      `runtime ${String(info.DefaultRuntime)}`,
      compose ? `${compose.command.join(' ')} ${compose.version}` : 'no compose',
    ];
    const limits = info.MemoryLimit === false || info.PidsLimit === false;
    if (limits) {
      const suggestion = 'Enable the memory and pids cgroups of its machine: without them jobs are not limited.';
      return { name, state: 'warn', message: `${facts.join(', ')}. It cannot limit containers.`, suggestion };
    }
    return { name, state: 'ok', message: `${facts.join(', ')}.` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = `No Docker engine answers at ${host}: container jobs do not run.`;
    if (named !== undefined) return { name, state: 'fail', message, suggestion: error.suggestion };
    return { name, state: 'skip', message: `${message} To have one: ${error.suggestion}` };
  }
}
