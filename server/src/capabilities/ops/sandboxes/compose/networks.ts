import type { CheckedDocument } from './policy.ts';

/**
 * How far services reach over a network of a sandbox. `sealed`: each other, and nothing of the machine. `ports`: the address of the
 * bridge besides, since what is published on loopback comes from there. `egress`: everything.
 */
export type NetworkKind = 'sealed' | 'ports' | 'egress';

/** The networks that services of a document are on, each as closed as can be. */
export function networkKinds(
  { services, networks }: Pick<CheckedDocument, 'services' | 'networks'>,
  egress: boolean,
): Record<string, NetworkKind> {
  const all = Object.values(services);
  const on = (name: string) => all.filter((service) => Object.hasOwn(service.networks, name));
  const kinds = Object.entries(networks).map(([name, internal]): [string, NetworkKind] => {
    if (internal) return [name, 'sealed'];
    if (egress) return [name, 'egress'];
    return [name, on(name).some(({ ports }) => ports.length > 0) ? 'ports' : 'sealed'];
  });
  return Object.fromEntries(kinds.filter(([name]) => on(name).length > 0));
}

/** What the engine calls a network of a sandbox, as compose would. */
export function networkName(project: string, name: string): string {
  return `${project}_${name}`;
}
