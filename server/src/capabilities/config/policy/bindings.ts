import type { CelInput } from '@bufbuild/cel';
import { type Bindings, toCel } from './cel/condition.ts';
import type { Item, LookedAt } from './items.ts';
import { packagesOf } from './match.ts';
import type { World } from './world.ts';

/** What conditions see of a document and its servers: made once as long as nothing changes. */
export function documentBindings(world: World): (item: Item | undefined) => Bindings {
  let made = { at: -1, ...none() };
  const current = () => {
    const at = world.editor.patch.length;
    if (made.at !== at) made = { at, ...none() };
    return made;
  };
  const one = (server: LookedAt): CelInput => {
    const { servers } = current();
    const known = servers.get(server.pointer) ?? celServer(server);
    servers.set(server.pointer, known);
    return known;
  };
  const all = lazyBy(current, 'all', () => world.servers().map(one));
  const document = lazyBy(current, 'document', () => toCel(world.editor.document));
  return (item) => ({
    document,
    servers: all,
    server: () => (item?.server ? one(item.server) : null),
    item: () => toCel({ name: item?.name ?? null, value: item?.value ?? null, pointer: item?.pointer ?? '' }),
  });
}

interface Made {
  readonly servers: Map<string, CelInput>;
  readonly whole: Map<string, CelInput>;
}

function none(): Made {
  return { servers: new Map(), whole: new Map() };
}

function lazyBy(current: () => Made, name: string, make: () => CelInput): () => CelInput {
  return () => {
    const { whole } = current();
    const known = whole.get(name) ?? make();
    whole.set(name, known);
    return known;
  };
}

function celServer(server: LookedAt): CelInput {
  const { seen, raw, name } = server;
  return toCel({
    ...raw,
    name,
    programs: [...new Set((seen.command?.programs ?? []).map(({ base }) => base))],
    packages: packagesOf(server).map(({ registry, name, version }) => ({ registry, name, version: version ?? '' })),
    host: seen.url?.host ?? '',
    facts: [...seen.facts].sort(),
  });
}

/** Each is made once, when it is first asked for. */
export function lazy<K extends string>(makers: Readonly<Record<K, () => CelInput>>): Record<K, () => CelInput> {
  const made = new Map<string, CelInput>();
  const entries = Object.entries<() => CelInput>(makers).map(([name, make]) => [
    name,
    () => {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) ?? null;
    },
  ]);
  return Object.fromEntries(entries) as Record<K, () => CelInput>;
}
