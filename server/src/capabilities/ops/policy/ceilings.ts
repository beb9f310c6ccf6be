import type { Principal } from '../../../core/auth/principal.ts';
import { type Settings, SettingsError } from '../../../core/settings.ts';
import type { Network, OutputShare, Resources } from '../contract.ts';
import { type ImagePattern, parsePattern } from '../images/allow-list.ts';

/** How many sandboxes a caller may have, and what all services of those that run may have together. */
export interface SandboxLimits {
  readonly count: number;
  readonly memory_mb: number;
  readonly cpus: number;
  readonly pids: number;
  readonly ttl_s: number;
  /** What each of them may write. */
  readonly disk_mb: number;
}

/** What the operator lets a caller's jobs have, and each service of its sandboxes. */
export interface Limits {
  readonly timeout: number;
  readonly resources: Resources;
  readonly networks: readonly Network[];
  /** Applied to every job: nobody asks for it. */
  readonly keep: OutputShare;
  /** Jobs that have not ended. */
  readonly jobs: number;
  readonly sandboxes: SandboxLimits;
  /** Undefined where the caller may run what everybody may. */
  readonly images: { readonly names: readonly string[]; readonly patterns: readonly ImagePattern[] } | undefined;
}

/** The limits of a caller. */
export type Ceilings = (principal: Pick<Principal, 'name' | 'scopes'>) => Limits;

type Entry = Settings['ops.ceilings'][number];

/** Reads `ops.ceilings` and `ops.max_…`. Throws for what is no pattern of an image, at the start. */
export function ceilingsFrom(settings: Settings): Ceilings {
  const entries = settings['ops.ceilings'];
  const patterns = new Map(
    entries.flatMap(({ images = [] }) => images.map((image) => [image, patternOf(image)] as const)),
  );
  return (principal) => {
    const held = entries.filter((entry) => holdsFor(entry, principal));
    const most = <K extends keyof Entry>(field: K, usual: NonNullable<Entry[K]>): NonNullable<Entry[K]> => {
      for (const entry of held) if (entry[field] !== undefined) return entry[field] as NonNullable<Entry[K]>;
      return usual;
    };
    const images = held.find((entry) => entry.images !== undefined)?.images;
    return {
      timeout: most('timeout_s', settings['ops.max_timeout_s']),
      resources: {
        memory_mb: most('memory_mb', settings['ops.max_memory_mb']),
        cpus: most('cpus', settings['ops.max_cpus']),
        pids: most('pids', settings['ops.max_pids']),
        work_mb: most('work_mb', settings['ops.max_work_mb']),
      },
      networks: most('networks', [...settings['ops.networks']]),
      keep: {
        output_kb: most('output_kb', settings['ops.max_output_kb']),
        artifact_mb: most('artifact_mb', settings['ops.max_artifact_mb']),
        artifact_files: most('artifact_files', settings['ops.max_artifact_files']),
      },
      jobs: most('jobs', settings['ops.max_jobs']),
      sandboxes: {
        count: most('sandboxes', settings['ops.max_sandboxes']),
        memory_mb: most('sandbox_memory_mb', settings['ops.max_sandbox_memory_mb']),
        cpus: most('sandbox_cpus', settings['ops.max_sandbox_cpus']),
        pids: most('sandbox_pids', settings['ops.max_sandbox_pids']),
        ttl_s: most('sandbox_ttl_s', settings['ops.max_sandbox_ttl_s']),
        disk_mb: most('sandbox_disk_mb', settings['ops.max_sandbox_disk_mb']),
      },
      images: images && {
        names: images,
        patterns: images.flatMap((image) => patterns.get(image) ?? []),
      },
    };
  };
}

function patternOf(image: string): ImagePattern {
  try {
    return parsePattern(image);
  } catch (error) {
    throw new SettingsError(`Setting ${(error as Error).message.replace('ops.pull_images', 'ops.ceilings, images')}`);
  }
}

/** One that names principals and scopes holds for whoever is one of them or has one of those. */
function holdsFor({ principals, scopes }: Entry, principal: Pick<Principal, 'name' | 'scopes'>): boolean {
  if (principals === undefined && scopes === undefined) return true;
  return (
    (principals?.includes(principal.name) ?? false) || (scopes?.some((scope) => principal.scopes.has(scope)) ?? false)
  );
}
