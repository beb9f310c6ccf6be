import type { ContainerInfo } from 'dockerode';
import type { Engine } from '../docker/client.ts';
import { removeContainer } from '../docker/containers.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import { labels as ours } from '../runner/profile.ts';
import { filterOf, type Marks, projectLabel, projectOf, sandboxLabel, serviceLabel } from './marks.ts';

/** A container of a sandbox. */
export interface ServiceState {
  readonly service: string;
  readonly container_id: string;
  /** The engine's word, such as running or exited. */
  readonly state: string;
  /** The engine's words, such as Up 3 minutes (healthy). */
  readonly detail: string;
  /** Of one that has ended. */
  readonly exit_code?: number;
  readonly ports: readonly { readonly container_port: number; readonly host: string; readonly host_port: number }[];
}

const stopMs = 10_000;

/** The containers of a sandbox, by service. */
export async function listServices(engine: Engine, marks: Marks): Promise<ServiceState[]> {
  return (await containersOf(engine, marks)).map(stateOf).sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** Those that compose made of it; what bears its labels under another name is somebody else's, of an image with our labels say. */
export async function containersOf(engine: Engine, marks: Marks): Promise<ContainerInfo[]> {
  const filters = filterOf(marks) as never;
  const found = await engineCall(engine, () => engine.docker.listContainers({ all: true, filters }));
  return found.filter(({ Names, Labels }) => isPart(Names, Labels, marks.sandbox));
}

function isPart(names: readonly string[], labels: Readonly<Record<string, string>>, sandbox: string): boolean {
  return labels[projectLabel] === projectOf(sandbox) && names.some((name) => isNamed(name.replace('/', ''), sandbox));
}

/** Whether a name is that of a part of a sandbox. The generations of compose put different signs behind the project. */
export function isNamed(name: string, sandbox: string): boolean {
  return [`${projectOf(sandbox)}_`, `${projectOf(sandbox)}-`].some((start) => name.startsWith(start));
}

/** Ids of the sandboxes of an installation that have a container, running or not. */
export async function listMarked(engine: Engine, server: string): Promise<string[]> {
  const filters = { label: [`${ours.server}=${server}`, `${ours.kind}=sandbox`] };
  const found = await engineCall(engine, () => engine.docker.listContainers({ all: true, filters: filters as never }));
  const ids = found.flatMap(({ Names, Labels }) => {
    const id = Labels[sandboxLabel];
    return id !== undefined && isPart(Names, Labels, id) ? [id] : [];
  });
  return [...new Set(ids)];
}

function stateOf({ Id, Labels, State, Status, Ports }: ContainerInfo): ServiceState {
  // The list tells it in its words alone.
  const code = /^Exited \((\d+)\)/.exec(Status)?.[1];
  return {
    service: Labels[serviceLabel] ?? '',
    container_id: Id.slice(0, 12),
    state: State,
    detail: Status,
    ...(code !== undefined && { exit_code: Number(code) }),
    ports: Ports.filter(({ PublicPort }) => PublicPort !== undefined).map(({ PrivatePort, PublicPort, IP }) => ({
      container_port: PrivatePort,
      host: IP,
      host_port: PublicPort,
    })),
  };
}

/**
 * Ends all containers of a sandbox, each in its own time for leaving, and removes them with its networks; its volumes too if asked.
 * Found by their labels and names, not by the document: nothing else can be meant, and it works when the document is gone.
 */
export async function takeDown(
  engine: Engine,
  marks: Marks,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  const { docker } = engine;
  const filters = filterOf(marks);
  const containers = await containersOf(engine, marks);
  await Promise.all(
    containers.map(async ({ Id, State }) => {
      if (State === 'running')
        await engineCall(engine, () =>
          docker
            .getContainer(Id)
            .stop({ t: stopMs / 1000 })
            .catch(unlessGone),
        );
      await removeContainer(engine, Id);
    }),
  );
  const networks = await engineCall(engine, () => docker.listNetworks({ filters: filters as never }));
  for (const { Id, Name } of networks) {
    if (isNamed(Name, marks.sandbox)) await engineCall(engine, () => docker.getNetwork(Id).remove().catch(unlessGone));
  }
  if (!volumes) return;
  const { Volumes } = await engineCall(engine, () => docker.listVolumes({ filters: filters as never }));
  for (const { Name } of Volumes ?? []) {
    if (isNamed(Name, marks.sandbox)) await engineCall(engine, () => docker.getVolume(Name).remove().catch(unlessGone));
  }
}

/** 304: it has stopped. */
function unlessGone(error: unknown): void {
  if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
}
