import { bytesOf } from './sizes.ts';

/** Where a service keeps files: a volume of the sandbox, or memory. */
export type Mount =
  | { readonly kind: 'volume'; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | { readonly kind: 'memory'; readonly target: string; readonly options: readonly string[] };

export interface LongVolume {
  readonly type: string;
  readonly source?: string | undefined;
  readonly target: string;
  readonly read_only?: boolean | undefined;
  readonly tmpfs?:
    | { readonly size?: number | string | undefined; readonly mode?: number | undefined }
    | null
    | undefined;
}

const maxMemory = 1024 * 2 ** 20;
const defaultSize = 'size=64m';

/** A volume of a service in either of compose's forms, among those that the document declares; a text says why it is refused. */
export function volumeOf(volume: string | LongVolume, declared: ReadonlySet<string>): Mount | string {
  if (typeof volume === 'string') {
    const parts = volume.split(':');
    const [source = '', target = '', mode = 'rw'] = parts;
    if (parts.length < 2) return 'has no name: declare a volume and write <name>:<path>';
    if (parts.length > 3 || (mode !== 'rw' && mode !== 'ro')) return 'has an option that is neither ro nor rw';
    return named(source, target, mode === 'ro', declared);
  }
  if (volume.type === 'tmpfs') {
    if (volume.source !== undefined) return 'is memory and has no source';
    const size = volume.tmpfs?.size;
    return memoryOf(`${volume.target}${size === undefined ? '' : `:size=${size}`}`);
  }
  if (volume.type !== 'volume') return `is of the type ${volume.type.slice(0, 20)}: only volumes and tmpfs are taken`;
  return named(volume.source ?? '', volume.target, volume.read_only ?? false, declared);
}

function named(source: string, target: string, readOnly: boolean, declared: ReadonlySet<string>): Mount | string {
  if (source === '') return 'has no name: declare a volume and name it';
  if (!declared.has(source)) return 'is no volume that the document declares: paths of the host are not mounted';
  return faultOf(target) ?? { kind: 'volume', source, target, readOnly };
}

/** An entry of `tmpfs`: `<path>[:<options>]`. */
export function memoryOf(text: string): Mount | string {
  const [target = '', options = '', ...more] = text.split(':');
  if (more.length > 0) return 'has more than a path and options';
  const given = options === '' ? [] : options.split(',');
  for (const option of given) {
    if (!/^(rw|ro|exec|noexec|nosuid|nodev|size=\d{1,12}[kmg]?|mode=0?[0-7]{3,4}|[ug]id=\d{1,9})$/.test(option))
      return 'has an option that is not taken here';
    const size = option.startsWith('size=') ? bytesOf(option.slice(5)) : 1;
    if (size === undefined || size > maxMemory) return 'is larger than 1 GiB';
  }
  const fault = faultOf(target);
  if (fault !== undefined) return fault;
  const sized = given.some((option) => option.startsWith('size=')) ? [] : [defaultSize];
  return { kind: 'memory', target, options: [...new Set([...given, ...sized, 'nosuid', 'nodev'])] };
}

function faultOf(target: string): string | undefined {
  const plain = /^(\/[A-Za-z0-9_@+.-]+)+$/.test(target) && target.length <= 512;
  if (!plain || target.split('/').some((part) => part === '.' || part === '..'))
    return 'is mounted at no plain absolute path';
  if (/^\/(proc|sys|dev|run\/docker\.sock|var\/run\/docker\.sock)(\/|$)/.test(target))
    return 'is mounted where the container has what belongs to the kernel or the engine';
  return undefined;
}

/** As compose reads it. */
export function writeMount(mount: Mount): string {
  if (mount.kind === 'memory') return `${mount.target}:${mount.options.join(',')}`;
  return `${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`;
}
