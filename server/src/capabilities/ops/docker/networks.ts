import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './client.ts';
import { engineCall, statusOf } from './failure.ts';

/** `internal`: containers of one network that reach nothing else. `egress`: a way out, where the operator allows one. */
export type NetworkKind = 'internal' | 'egress';

/**
 * The name of this server's network of a kind, made when missing. Containers on it do not reach each other, on `internal` not the
 * machine either; from `egress` the machine is reached like any other, so its services are its firewall's matter. One of that name
 * that is not ours, or not so walled and in use, is refused.
 */
export async function ensureNetwork(engine: Engine, server: string, kind: NetworkKind): Promise<string> {
  const name = `tutti-${server}-${kind}`;
  const wanted = networkOptions(name, server, kind);
  await engineCall(engine, async () => {
    // Of twins that want one bridge all but one are refused; where they are not, all keep the same one.
    if ((await listNamed(engine, name)).length === 0)
      await engine.docker.createNetwork(wanted).catch(unlessStatus(403, 409, 500));
    for (const until = Date.now() + twinMs; (await listNamed(engine, name)).length === 0 && Date.now() < until; )
      await sleep(50);
    const [first, ...more] = await listNamed(engine, name);
    for (const { Id } of more)
      await engine.docker
        .getNetwork(Id)
        .remove()
        .catch(unlessStatus(403, 404, 409));
    const kept = first && (await renewed(engine, first, wanted));
    if (!kept || !isWalled(kept, wanted)) throw new Error(`the network ${name} is not as this server makes it`);
  });
  return name;
}

/** In which the twin that was not refused has made it. */
const twinMs = 5000;

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
      ...(kind === 'internal'
        ? // Without an address on it the machine cannot be reached over it.
          { 'com.docker.network.bridge.inhibit_ipv4': 'true' }
        : { 'com.docker.network.bridge.name': bridgeOf(name) }),
    },
    Labels: { 'io.tutti.server': server, 'io.tutti.kind': 'network' },
  };
}

/** How all bridges begin from which the machine is reached, so that one rule of a firewall holds for all of them. */
export const bridgePrefix = 'tutti-';

/**
 * What keeps containers from services that listen on every address of the machine: Docker itself cannot, for published ports are
 * forwarded from the address of the bridge.
 */
export const wallRule = `iptables -I INPUT -i ${bridgePrefix}+ -m conntrack ! --ctstate ESTABLISHED,RELATED -j DROP`;

/** What keeps those with a way out from the credentials that clouds give to a machine. */
export const metadataRule = `iptables -I DOCKER-USER -i ${bridgePrefix}+ -d 169.254.0.0/16 -j DROP`;

/** The name of the bridge of a network: at most 15 characters are taken. */
export function bridgeOf(network: string): string {
  return `${bridgePrefix}${createHash('sha256').update(network).digest('hex').slice(0, 9)}`;
}

/** One of ours that an earlier release made otherwise is made anew; one that is in use is left, and refused. */
async function renewed(engine: Engine, found: Network, wanted: NetworkOptions): Promise<Network | undefined> {
  const ours = Object.entries(wanted.Labels).every(([label, value]) => found.Labels?.[label] === value);
  if (!ours || isWalled(found, wanted)) return found;
  await engine.docker
    .getNetwork(found.Id)
    .remove()
    .catch(unlessStatus(403, 404, 409));
  if ((await listNamed(engine, wanted.Name)).length === 0) await engine.docker.createNetwork(wanted);
  return (await listNamed(engine, wanted.Name))[0];
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
