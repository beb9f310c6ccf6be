import type { ContainerInspectInfo } from 'dockerode';
import type { Db } from '../../../core/db/database.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import { labels } from '../runner/profile.ts';
import { listKnownContainers } from './store.ts';

/** A container that this installation made and knows no more: its database was restored to a time before. */
export interface LostContainer {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

/**
 * Containers that bear the mark of this installation and that nobody knows, once their time is over. Not before: a twin of the
 * database may know them. What bears the mark without being made as this server makes them is somebody else's.
 */
export async function findLost(engine: Engine, db: Db, server: string, now = new Date()): Promise<LostContainer[]> {
  const filters = { label: [`${labels.server}=${server}`] };
  // Before the rows: a container goes before its row does, and comes after it.
  const found = await engineCall(engine, () => engine.docker.listContainers({ all: true, filters }));
  const known = new Set(
    (
      await listKnownContainers(
        db,
        found.map(({ Names }) => nameOf(Names)),
      )
    ).map(({ name }) => name),
  );
  const lost: LostContainer[] = [];
  for (const { Id, Names, Labels, State } of found) {
    const expires = Date.parse(Labels[labels.expires] ?? '');
    if (known.has(nameOf(Names)) || !(expires < now.getTime())) continue;
    if (await isAsMade(engine, Id)) lost.push({ id: Id, name: nameOf(Names), running: State === 'running' });
  }
  return lost;
}

/** The engine's names begin with a slash. */
export function nameOf(names: readonly string[]): string {
  return (names[0] ?? '').replace(/^\//, '');
}

/** Whether it is one that `containerOptions` makes; undefined when it is gone. */
export async function isAsMade(engine: Engine, id: string): Promise<boolean | undefined> {
  const found = await engineCall(engine, () =>
    engine.docker
      .getContainer(id)
      .inspect()
      .catch((error) => {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }),
  );
  return found && looksMade(found);
}

function looksMade({ Name, Config, HostConfig }: ContainerInspectInfo): boolean {
  const entrypoint = [Config.Entrypoint ?? []].flat();
  return (
    /^\/tutti-[0-9a-z]{26}$/.test(Name) &&
    ['job', 'pool'].includes(Config.Labels[labels.kind] ?? '') &&
    /^([1-9]\d{4,}):\1$/.test(Config.User) &&
    entrypoint.length === 3 &&
    entrypoint[0] === '/bin/sh' &&
    HostConfig.ReadonlyRootfs === true &&
    HostConfig.Privileged === false &&
    (HostConfig.CapDrop ?? []).join() === 'ALL' &&
    (HostConfig.Binds ?? []).length === 0
  );
}
