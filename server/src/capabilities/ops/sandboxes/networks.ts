import type { Engine } from '../docker/client.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import { bridgeOf } from '../docker/networks.ts';
import { type NetworkKind, networkName } from './compose/networks.ts';
import { labelsOf, type Marks, projectOf } from './marks.ts';

type Network = Awaited<ReturnType<Engine['docker']['listNetworks']>>[number];

/** The gateway that Docker tells containers of instead of its own address. */
const gatewayKey = 'DefaultGatewayIPv4';
const tries = 5;

/** Makes the networks of a sandbox that are not there. What was begun and cut off is made anew. */
export async function ensureNetworks(
  engine: Engine,
  marks: Marks,
  kinds: Readonly<Record<string, NetworkKind>> = {},
): Promise<void> {
  for (const [name, kind] of Object.entries(kinds)) {
    const full = networkName(projectOf(marks.sandbox), name);
    await engineCall(engine, async () => {
      for (const found of await listNamed(engine, full)) {
        if (isComplete(found, kind)) return;
        await engine.docker.getNetwork(found.Id).remove();
      }
      await makeNetwork(engine, full, marks, kind);
    });
  }
}

async function makeNetwork(engine: Engine, name: string, marks: Marks, kind: NetworkKind): Promise<void> {
  const make = (IPAM?: object) =>
    engine.docker.createNetwork({ ...optionsOf(name, marks, kind), ...(IPAM && { IPAM }) } as never);
  if (kind !== 'ports') return void (await make());
  // Docker knows which addresses are free, but puts its own in as the gateway; so what it chose is asked for once more.
  for (let attempt = 1; ; attempt += 1) {
    const drawn = await make();
    const { IPAM } = (await drawn.inspect()) as { IPAM: { Config?: { Subnet: string; Gateway?: string }[] } };
    const [chosen] = IPAM.Config ?? [];
    if (!chosen) throw new Error('the engine gave a network no addresses');
    await drawn.remove();
    try {
      const AuxiliaryAddresses = { [gatewayKey]: lastAddress(chosen.Subnet) };
      return void (await make({ Config: [{ Subnet: chosen.Subnet, AuxiliaryAddresses }] }));
    } catch (error) {
      // Somebody else was given them meanwhile.
      if (attempt === tries || ![403, 409, 500].includes(statusOf(error) ?? 0)) throw error;
    }
  }
}

function optionsOf(name: string, marks: Marks, kind: NetworkKind) {
  const driver = 'com.docker.network.bridge';
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: 'bridge',
    Internal: kind === 'sealed',
    Attachable: false,
    EnableIPv6: false,
    Labels: labelsOf(marks),
    Options: {
      [`${driver}.name`]: bridgeOf(name),
      // Without an address on it the machine cannot be reached over it; nor could published ports.
      ...(kind === 'sealed' && { [`${driver}.inhibit_ipv4`]: 'true' }),
      ...(kind === 'ports' && { [`${driver}.enable_ip_masquerade`]: 'false' }),
    },
  };
}

async function listNamed(engine: Engine, name: string): Promise<Network[]> {
  const found = await engine.docker.listNetworks({ filters: { name: [name] } });
  return found.filter(({ Name }) => Name === name);
}

function isComplete({ IPAM }: Network, kind: NetworkKind): boolean {
  const [config] = (IPAM?.Config ?? []) as { AuxiliaryAddresses?: Record<string, string> }[];
  return kind !== 'ports' || config?.AuxiliaryAddresses?.[gatewayKey] !== undefined;
}

/** The last address of `172.18.0.0/16` that a host could have: nobody has it. */
export function lastAddress(subnet: string): string {
  const [base = '', bits = ''] = subnet.split('/');
  const start = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = start + 2 ** (32 - Number(bits)) - 2;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join('.');
}
