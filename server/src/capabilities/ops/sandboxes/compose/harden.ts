import { writeMount } from './mounts.ts';
import { networkKinds, networkName } from './networks.ts';
import type { CheckedDocument, CheckedService } from './policy.ts';
import { writePort } from './ports.ts';

export interface Hardening {
  /** On everything that comes of the document. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether services may reach what is outside. */
  readonly egress: boolean;
  readonly project: string;
  /** The largest file that a service may write. */
  readonly maxFileBytes: number;
}

/**
 * The document that is run: written anew from what was checked, never a copy of what came in, so that nothing is in it that was not
 * understood. Every service loses the powers of root but those its template names, cannot gain any, and has its limits.
 */
export function hardenDocument(document: CheckedDocument, hardening: Hardening): Record<string, unknown> {
  const { labels, egress, project } = hardening;
  const services = Object.entries(document.services).map(([name, service]) => [name, hardened(service, hardening)]);
  // Made before, as compose cannot make them.
  const networks = Object.keys(networkKinds(document, egress)).map((name) => [
    name,
    { external: true, name: networkName(project, name) },
  ]);
  return {
    services: Object.fromEntries(services),
    networks: Object.fromEntries(networks),
    volumes: Object.fromEntries(document.volumes.map((name) => [name, { labels }])),
  };
}

function hardened(service: CheckedService, { labels, egress, maxFileBytes }: Hardening): Record<string, unknown> {
  const { asked, ports, mounts, memoryBytes } = service;
  const { command, entrypoint, expose, healthcheck, user, working_dir, tty, stdin_open } = asked;
  const kept = { command, entrypoint, expose, healthcheck, user, working_dir, tty, stdin_open };
  const memories = mounts.filter(({ kind }) => kind === 'memory').map(writeMount);
  const volumes = mounts.filter(({ kind }) => kind === 'volume').map(writeMount);
  return {
    image: service.image,
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined && value !== null)),
    environment: service.environment,
    ...(ports.length > 0 && { ports: ports.map(writePort) }),
    ...(volumes.length > 0 && { volumes }),
    ...(memories.length > 0 && { tmpfs: memories }),
    ...(Object.keys(service.dependsOn).length > 0 && {
      depends_on: Object.fromEntries(
        Object.entries(service.dependsOn).map(([name, condition]) => [name, { condition }]),
      ),
    }),
    networks: Object.fromEntries(
      Object.entries(service.networks).map(([name, aliases]) => [name, aliases.length > 0 ? { aliases } : {}]),
    ),
    // Docker's own resolver would ask the one of the host.
    ...(!egress && { dns: ['127.0.0.1'] }),
    labels,
    init: true,
    restart: 'no',
    read_only: asked.read_only ?? false,
    cap_drop: ['ALL'],
    ...(service.capabilities.length > 0 && { cap_add: [...service.capabilities] }),
    security_opt: ['no-new-privileges:true'],
    mem_limit: memoryBytes,
    // The same as the memory: no swap.
    memswap_limit: memoryBytes,
    cpus: service.cpus,
    pids_limit: service.pids,
    // A disk is filled by many files, then, and so in the sight of who measures it.
    ulimits: { core: 0, fsize: maxFileBytes, nofile: { soft: 4096, hard: 4096 } },
    ...(asked.shm_size !== undefined && { shm_size: asked.shm_size }),
    stop_grace_period: asked.stop_grace_period ?? '10s',
    ...(asked.stop_signal !== undefined && { stop_signal: asked.stop_signal }),
    logging: { driver: 'local', options: { 'max-size': '16m', 'max-file': '3', compress: 'false' } },
  };
}
