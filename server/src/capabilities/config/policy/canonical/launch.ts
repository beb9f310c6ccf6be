import type { Launcher } from './launchers.ts';
import type { PackageRef } from './package-spec.ts';

/** A package at a place of the arguments. */
export interface Launched {
  readonly ref: PackageRef;
  /** Index of the argument; -1 where the package is only a part of one. */
  readonly at: number;
  /** What the argument becomes for another version. */
  readonly pinned: (version: string) => string;
}

export interface Launch {
  readonly packages: readonly Launched[];
  /** Command lines that it hands to a shell. */
  readonly shell: readonly string[];
  /** It takes packages from elsewhere than the operator's registry. */
  readonly otherRegistry: boolean;
  /** It has an option that we do not know: what runs cannot be told. */
  readonly unclear: boolean;
  /** Options with their values. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** Reads the arguments of a launcher, of which the first `from` are its sub-command. */
export function readLaunch(launcher: Launcher, args: readonly string[], from: number): Launch {
  const options: [string, string][] = [];
  const chosen: Launched[] = [];
  const extras: Launched[] = [];
  let unclear = false;
  let at = from;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    const [name = '', inline] = splitOption(arg);
    if (launcher.flags.includes(arg)) {
      options.push([arg, '']);
      continue;
    }
    const wanted = kindOf(launcher, name);
    if (wanted === undefined) {
      unclear ||= !launcher.flags.includes(name);
      options.push([name, inline ?? '']);
      continue;
    }
    const value = inline ?? args[at + 1] ?? '';
    const place = inline === undefined ? at + 1 : at;
    const prefix = inline === undefined ? '' : `${name}=`;
    options.push([name, value]);
    if (wanted === 'packages' || wanted === 'extras') {
      const specs = wanted === 'extras' ? value.split(',') : [value];
      for (const spec of specs) {
        const ref = launcher.read(spec);
        const pinned = (version: string) => prefix + launcher.write(ref.name, version, true);
        (wanted === 'packages' ? chosen : extras).push({ ref, at: specs.length > 1 ? -1 : place, pinned });
      }
    }
    if (inline === undefined) at += 1;
  }
  const operand = args[at];
  if (chosen.length === 0 && operand !== undefined) {
    const ref = launcher.read(operand);
    chosen.push({ ref, at, pinned: (version) => launcher.write(ref.name, version, false) });
  }
  const values = (names: readonly string[] = []) => options.filter(([name]) => names.includes(name));
  return {
    packages: [...chosen, ...extras],
    shell: values(launcher.shells).map(([, value]) => value),
    otherRegistry: values(launcher.registries).length > 0,
    unclear,
    options,
  };
}

function splitOption(arg: string): [string, string | undefined] {
  const equals = arg.indexOf('=');
  return equals < 0 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function kindOf(launcher: Launcher, name: string) {
  const kinds = ['packages', 'extras', 'shells', 'registries', 'valued'] as const;
  return kinds.find((kind) => launcher[kind]?.includes(name));
}
