import type Docker from 'dockerode';
import { dockerUnavailable } from '../errors.ts';
import { engineCall } from './failure.ts';

/**
 * One Docker engine. Its socket is the operator's own endpoint, named in the settings like the database's and never by a
 * caller, so it is no matter of the egress.
 */
export interface Engine {
  /** `unix:///run/docker.sock`, `tcp://host:2375`, `npipe:////./pipe/docker_engine`. */
  readonly host: string;
  readonly docker: Docker;
}

export interface EngineVersion {
  readonly version: string;
  readonly api_version: string;
  readonly os: string;
  readonly arch: string;
  readonly kernel: string;
}

const pingMs = 5000;
/** A connection that is kept would be dead after a restart of the engine, and fail the next call. */
const headers = { Connection: 'close' };

/** Where the platform's engine listens when the operator says nothing. */
export function defaultDockerHost(platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

/** A client of an engine; connects to nothing yet. The library is loaded with the first one. */
export async function createEngine(host: string = defaultDockerHost()): Promise<Engine> {
  const { default: Client } = await import('dockerode');
  return { host, docker: new Client({ ...addressOf(host), headers }) };
}

/** Whether the engine answers. Throws DOCKER_UNAVAILABLE. */
export async function pingEngine({ docker, host }: Engine, signal?: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(pingMs);
  const abortSignal = signal ? AbortSignal.any([timeout, signal]) : timeout;
  await new Promise<void>((resolve, reject) => {
    docker.modem.dial({ path: '/_ping', method: 'GET', abortSignal, statusCodes: { 200: true } }, (error) =>
      error ? reject(dockerUnavailable(host, error)) : resolve(),
    );
  });
}

export async function engineVersion(engine: Engine): Promise<EngineVersion> {
  const found = await engineCall(engine, () => engine.docker.version());
  return {
    version: found.Version,
    api_version: found.ApiVersion,
    os: found.Os,
    arch: found.Arch,
    kernel: String(found.KernelVersion ?? ''),
  };
}

/** Everything is given: the library would read the environment for what is missing. */
function addressOf(host: string): Docker.DockerOptions {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  if (url.protocol === 'npipe:') return { socketPath: url.pathname.replace(/^\/+/, '//') };
  if (url.protocol !== 'tcp:' && url.protocol !== 'http:')
    throw new Error(`not an address of a Docker engine: ${url.protocol}`);
  return { protocol: 'http', host: url.hostname, port: Number(url.port || 2375) };
}
