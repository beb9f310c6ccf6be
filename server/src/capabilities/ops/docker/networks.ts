import type { Engine } from './client.ts';
import { engineCall, statusOf } from './failure.ts';

/** `internal`: containers of one network that reach nothing else. `egress`: a way out, where the operator allows one. */
export type NetworkKind = 'internal' | 'egress';

/**
 * The name of this server's network of a kind, made when missing. Containers on it do not reach each other, on `internal` not the
 * machine either; from `egress` the machine is reached like any other, so its services are its firewall's matter. One of that name
 * that is not ours or not so walled is refused.
 */
export async function ensureNetwork(engine: Engine, server: string, kind: NetworkKind): Promise<string> {
  const name = `tutti-${server}-${kind}`;
  const wanted = networkOptions(name, server, kind);
  await engineCall(engine, async () => {
    if ((await listNamed(engine, name)).length === 0) await engine.docker.createNetwork(wanted);
    // Engines let twins make two of one name. All of them keep the same one.
    const [kept, ...more] = await listNamed(engine, name);
    for (const { Id } of more)
      await engine.docker
        .getNetwork(Id)
        .remove()
        .catch(unlessStatus(403, 404, 409));
    if (!kept || !isWalled(kept, wanted)) throw new Error(`the network ${name} is not as this server makes it`);
  });
  return name;
}

type Network = Awaited<ReturnType<Engine['docker']['listNetworks']>>[number];
type NetworkOptions = ReturnType<typeof networkOptions>;

function networkOptions(name: string, server: string, kind: NetworkKind) {
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: 'bridge',
    Internal: kind === 'internal',
    Attachable: false,
    EnableIPv6: false,
    Options: {
      'com.docker.network.bridge.enable_icc': 'false',
      // Without an address on it the machine cannot be reached over it.
      ...(kind === 'internal' ? { 'com.docker.network.bridge.inhibit_ipv4': 'true' } : {}),
    },
    Labels: { 'io.tutti.server': server, 'io.tutti.kind': 'network' },
  };
}

/** The oldest first. The engine's filter also finds longer names. */
async function listNamed(engine: Engine, name: string): Promise<Network[]> {
  const found = await engine.docker.listNetworks({ filters: { name: [name] } });
  const key = ({ Created, Id }: Network) => `${Created} ${Id}`;
  return found.filter(({ Name }) => Name === name).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function isWalled(found: Network, wanted: NetworkOptions): boolean {
  const holds = (has: Record<string, string> | undefined, must: object) =>
    Object.entries(must).every(([name, value]) => has?.[name] === value);
  return (
    found.Internal === wanted.Internal && holds(found.Options, wanted.Options) && holds(found.Labels, wanted.Labels)
  );
}

/** Removes it; nothing happens when it is gone or in use. */
export async function removeNetwork(engine: Engine, server: string, kind: NetworkKind): Promise<void> {
  const network = engine.docker.getNetwork(`tutti-${server}-${kind}`);
  await engineCall(engine, () => network.remove().catch(unlessStatus(403, 404, 409)));
}

function unlessStatus(...statuses: number[]): (error: unknown) => undefined {
  return (error) => {
    if (!statuses.includes(statusOf(error) ?? 0)) throw error;
    return undefined;
  };
}
