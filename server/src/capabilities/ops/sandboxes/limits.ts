import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { isListed } from '../images/allow-list.ts';
import { parseImage } from '../images/reference.ts';
import type { Limits } from '../policy/ceilings.ts';
import { imageOverLimit } from '../runs/errors.ts';
import type { CheckedService } from './compose/policy.ts';
import {
  countSandboxes,
  diskOfEngine,
  type SandboxRow,
  type ServiceFact,
  servicesAtWork,
  setDiskLimit,
} from './store.ts';

const mib = 2 ** 20;
/** What is summed over services, and the word for it in a limit. */
const summed = ['memory_mb', 'cpus', 'pids'] as const;

/** What is kept of a service: what it is, and what it may take. */
export function factOf(name: string, { image, memoryBytes, cpus, pids }: CheckedService): ServiceFact {
  return { name, image, memory_mb: Math.ceil(memoryBytes / 2 ** 20), cpus, pids };
}

/**
 * That a caller may have one more sandbox, of these services. Until the transaction ends nobody else counts its sandboxes.
 * Throws LIMIT_EXCEEDED.
 */
export async function requireRoom(
  tx: Db,
  principalId: string,
  services: readonly ServiceFact[],
  { sandboxes, images }: Limits,
): Promise<void> {
  for (const { image } of services) {
    const reference = parseImage(image);
    if (images && !(reference && isListed(reference, images.patterns))) throw imageOverLimit(image, images.names);
  }
  const there = await countSandboxes(tx, principalId);
  if (there >= sandboxes.count) throw tooManySandboxes(there, sandboxes.count);
  // One that could never start is not made.
  requireSum(services, sandboxes);
}

/**
 * That the services of a sandbox may run beside those of its owner that run already, and that there is room for what they write.
 * Throws LIMIT_EXCEEDED.
 */
export async function requireRoomToRun(tx: Db, sandbox: SandboxRow, limits: Limits, allDiskMb: number): Promise<void> {
  for (const service of sandbox.services) {
    for (const field of summed) {
      const [has, most] = [service[field] ?? 0, limits.resources[field]];
      if (has > most) throw serviceTooLarge(service.name, field, has, most);
    }
  }
  requireSum([...sandbox.services, ...(await servicesAtWork(tx, sandbox))], limits.sandboxes);
  const { disk_mb } = limits.sandboxes;
  const holds = sandbox.volume_bytes ?? 0;
  if (holds > disk_mb * mib) throw overDisk(sandbox.name, holds, disk_mb);
  const all = await diskOfEngine(tx, sandbox.engine);
  if (all > allDiskMb * mib) throw overAllDisk(all, allDiskMb);
  await setDiskLimit(tx, sandbox.id, disk_mb);
}

function requireSum(services: readonly ServiceFact[], most: Limits['sandboxes']): void {
  for (const field of summed) {
    const sum = services.reduce((total, service) => total + (service[field] ?? 0), 0);
    // Of fractions of processors the sum may be off by a hair.
    if (sum > most[field] + 1e-6) throw tooMuch(field, Math.round(sum * 1000) / 1000, most[field]);
  }
}

/** A service that wants more than its caller may have. */
export function serviceTooLarge(service: string, field: string, asked: number, most: number): AppError {
  return new AppError(
    'LIMIT_EXCEEDED',
    `${field}: the service ${service} has ${asked}, and at most ${most} is allowed here.`,
    `Choose another template, or ask the operator to raise ops.max_${field} or your ops.ceilings.`,
    { field: `${service}.${field}`, asked, most },
  );
}

/** A sandbox that has written more than it may. */
export function overDisk(name: string, bytes: number, mostMb: number): AppError {
  const held = Math.ceil(bytes / mib);
  return new AppError(
    'LIMIT_EXCEEDED',
    `sandbox_disk_mb: the sandbox ${name} holds ${held} MiB, and may hold at most ${mostMb}.`,
    'Remove what it holds by orcaops_stop_sandbox with volumes, or ask the operator to raise ops.max_sandbox_disk_mb or your ops.ceilings.',
    { field: 'sandbox_disk_mb', asked: held, most: mostMb },
  );
}

/** An engine whose sandboxes have written more than all of them may. */
export function overAllDisk(bytes: number, mostMb: number): AppError {
  const held = Math.ceil(bytes / mib);
  return new AppError(
    'LIMIT_EXCEEDED',
    `sandboxes_disk_mb: all sandboxes of this engine hold ${held} MiB, and may hold at most ${mostMb}.`,
    'Delete sandboxes with orcaops_delete_sandbox, or ask the operator to raise ops.max_sandboxes_disk_mb.',
    { field: 'sandboxes_disk_mb', asked: held, most: mostMb },
  );
}

function tooManySandboxes(there: number, most: number): AppError {
  return new AppError(
    'LIMIT_EXCEEDED',
    `sandboxes: you have ${there}, and may have at most ${most}.`,
    'Delete one with orcaops_delete_sandbox, or ask the operator to raise ops.max_sandboxes or your ops.ceilings.',
    { field: 'sandboxes', asked: there + 1, most },
  );
}

function tooMuch(field: string, asked: number, most: number): AppError {
  return new AppError(
    'LIMIT_EXCEEDED',
    `sandbox_${field}: your sandboxes would have ${asked} while they run, and may have at most ${most}.`,
    `Stop one with orcaops_stop_sandbox, or ask the operator to raise ops.max_sandbox_${field} or your ops.ceilings.`,
    { field: `sandbox_${field}`, asked, most },
  );
}
