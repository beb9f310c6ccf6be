import { labels as ours } from '../runner/profile.ts';

/** Which sandbox a container, network or volume belongs to. */
export interface Marks {
  /** Of this installation. */
  readonly server: string;
  readonly sandbox: string;
}

export const sandboxLabel = 'io.tutti.sandbox';
export const snapshotLabel = 'io.tutti.snapshot';
export const projectLabel = 'com.docker.compose.project';
export const serviceLabel = 'com.docker.compose.service';

/** The labels of all that a sandbox consists of. */
export function labelsOf({ server, sandbox }: Marks): Record<string, string> {
  return { [ours.server]: server, [ours.kind]: 'sandbox', [sandboxLabel]: sandbox };
}

/** By which the engine finds it, and nothing else. */
export function filterOf(marks: Marks): { label: string[] } {
  return { label: Object.entries(labelsOf(marks)).map(([name, value]) => `${name}=${value}`) };
}

/** The name that compose knows it by. */
export function projectOf(sandboxId: string): string {
  return `tutti-${sandboxId.replaceAll('_', '-')}`;
}
