import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode';
import { noContainer, noImage } from '../errors.ts';
import type { Engine } from './client.ts';
import { engineCall, statusOf } from './failure.ts';

/** How a container stands. Times are ISO 8601 as the engine tells them. */
export interface ContainerState {
  readonly id: string;
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Of its main process; meaningful once it ended. 137 is a kill. */
  readonly exit_code: number;
  /** The kernel ended a process of it for want of memory. */
  readonly oom_killed: boolean;
  readonly started_at: string;
  readonly finished_at: string;
  /** As it was named when it was made. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

const notFound = (id: string) => (status: number) => (status === 404 ? noContainer(id) : undefined);

/** Creates a container and starts it; answers its id. Nothing is left when that fails. Throws IMAGE_NOT_FOUND. */
export async function startContainer(engine: Engine, options: ContainerCreateOptions): Promise<string> {
  const image = options.Image ?? '';
  const container = await engineCall(
    engine,
    () => engine.docker.createContainer(options),
    (status) => (status === 404 ? noImage(image) : undefined),
  );
  try {
    await engineCall(engine, () => container.start());
  } catch (error) {
    await removeContainer(engine, container.id).catch(() => undefined);
    throw error;
  }
  return container.id;
}

/** Undefined when it is gone. */
export async function inspectContainer(engine: Engine, id: string): Promise<ContainerState | undefined> {
  const found = await ifThere(() => engineCall(engine, () => engine.docker.getContainer(id).inspect(), notFound(id)));
  return found && stateOf(found);
}

/** Whether it can still run something: a paused one can. */
export function isAlive(state: ContainerState | undefined): state is ContainerState {
  return state !== undefined && ['created', 'running', 'paused', 'restarting'].includes(state.status);
}

/** Whether it ended because it has no shell: its init found none, and no script began. */
export function lacksShell(state: ContainerState): boolean {
  return state.status === 'exited' && state.exit_code === 127;
}

/** Stops every process of it at once, to be looked at; false where it does not run. */
export function pauseContainer(engine: Engine, id: string): Promise<boolean> {
  return accepted(engine, () => engine.docker.getContainer(id).pause());
}

/** Lets a paused one go on; false where none is paused. */
export function unpauseContainer(engine: Engine, id: string): Promise<boolean> {
  return accepted(engine, () => engine.docker.getContainer(id).unpause());
}

/** Kills all of it, a paused one too, and waits until the engine says that it ended. Undefined when it is gone. */
export async function killContainer(engine: Engine, id: string): Promise<ContainerState | undefined> {
  const state = await inspectContainer(engine, id);
  if (!isAlive(state)) return state;
  await accepted(engine, () => engine.docker.getContainer(id).kill());
  await waitForEnd(engine, id);
  return inspectContainer(engine, id);
}

/** Resolves once it does not run; at once when it is gone. Rejects with the reason of the signal. */
export async function waitForEnd(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  const container = engine.docker.getContainer(id);
  // Not `next-exit`, which may miss an end that comes as it is asked.
  const options = { condition: 'not-running' as const, ...(signal ? { abortSignal: signal } : {}) };
  try {
    await ifThere(() => engineCall(engine, () => container.wait(options), notFound(id)));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Removes it with its volumes, running or not; nothing happens when it is gone. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  const remove = () => engine.docker.getContainer(id).remove({ force: true, v: true });
  // Somebody removes it already: it is gone once that is done.
  const removing = await engineCall(engine, () =>
    remove().then(
      () => false,
      (error) => (statusOf(error) === 409 ? true : statusOf(error) === 404 ? false : Promise.reject(error)),
    ),
  );
  if (removing)
    await engineCall(engine, () => engine.docker.getContainer(id).wait({ condition: 'removed' })).catch(gone);
}

function gone(error: unknown): undefined {
  const { cause } = error as { cause?: unknown };
  if (statusOf(cause) === 404) return undefined;
  throw error;
}

function stateOf({ Id, State, Config }: ContainerInspectInfo): ContainerState {
  return {
    id: Id,
    status: State.Status as ContainerState['status'],
    exit_code: State.ExitCode,
    oom_killed: State.OOMKilled,
    started_at: State.StartedAt,
    finished_at: State.FinishedAt,
    image: Config.Image,
    labels: Config.Labels ?? {},
  };
}

/** False where the container is gone or its state does not allow it. */
async function accepted(engine: Engine, call: () => Promise<unknown>): Promise<boolean> {
  return engineCall(engine, () =>
    call().then(
      () => true,
      (error) => {
        const status = statusOf(error);
        // 500 with these words is how engines before 23 refuse it.
        const state = /not running|not paused|already paused|is not|stopped container/.test(
          String((error as Error).message),
        );
        if (status === 404 || status === 409 || (status === 500 && state)) return false;
        throw error;
      },
    ),
  );
}

async function ifThere<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CONTAINER_NOT_FOUND') return undefined;
    throw error;
  }
}
