import { type Launch, type Launched, readLaunch } from './launch.ts';
import { launchersOf } from './launchers.ts';
import { fold } from './text.ts';
import { isWrapper, programsWithin } from './wrappers.ts';

/** A program that a command starts, in the spellings that a rule may use. */
export interface Program {
  /** As it stands. */
  readonly given: string;
  /** Without its folder and without `.exe`, `.cmd` and the like, in lower case. */
  readonly base: string;
}

/** What a command comes to, whatever it is wrapped in. */
export interface Command {
  /** From the outermost to the innermost, with what a shell's text names. */
  readonly programs: readonly Program[];
  /** Packages with their place in the arguments; -1 inside the text of a shell. */
  readonly packages: readonly Launched[];
  readonly launches: readonly Launch[];
  /** A shell runs. */
  readonly shell: boolean;
  /** Code stands in the arguments. */
  readonly inlineCode: boolean;
}

const shells = new Set(
  'sh bash zsh dash ash ksh mksh fish csh tcsh cmd command powershell pwsh nu elvish wsl'.split(' '),
);
/** Options by which an interpreter takes code. */
const inline: Readonly<Record<string, RegExp>> = Object.assign(Object.create(null), {
  node: /^(-[a-z]*[ep]|--eval|--print)(=|$)/,
  nodejs: /^(-[a-z]*[ep]|--eval|--print)(=|$)/,
  bun: /^(-e|-p|--eval|--print)(=|$)/,
  tsx: /^(-e|-p|--eval|--print)(=|$)/,
  'ts-node': /^(-[a-z]*[ep]|--eval|--print)(=|$)/,
  deno: /^eval$/,
  python: /^-[A-Za-z]*c/,
  pythonw: /^-[A-Za-z]*c/,
  py: /^-[A-Za-z]*c/,
  pypy: /^-[A-Za-z]*c/,
  perl: /^-[A-Za-z0-9]*[eE]/,
  ruby: /^-[A-Za-z0-9]*e/,
  php: /^(-[A-Za-z]*[rBE]|--run)/,
  lua: /^-e/,
  osascript: /^-e/,
  rscript: /^-e/,
  awk: /^[^-]/,
  gawk: /^[^-]/,
  mawk: /^[^-]/,
  nawk: /^[^-]/,
});
/** Code in place of a file. */
const inlineModule = /^(--[a-z-]+=)?data:/i;
/** Launchers as scripts of Node, for systems that do not start the commands themselves. */
const launcherScript = /(?:^|[\\/])(npx|npm|pnpm|pnpx|yarn|corepack)(?:-cli)?\.[cm]?js$/i;
const mostWrapped = 8;

/** Reads a command and its arguments: through shells, `env` and the like, to what it starts and the packages that it fetches. */
export function readCommand(command: string, args: readonly string[]): Command {
  const found = { programs: [] as Program[], packages: [] as Launched[], launches: [] as Launch[] };
  let shell = false;
  let inlineCode = false;

  const text = (line: string, depth: number): void => {
    shell = true;
    // What a shell makes of a text is its own business: each word counts as a program, and each end of a command begins another.
    for (const part of line.split(/[;&|()\n`]|\$\(/)) {
      const words = part.split(/[\s"'<>{}]+/).filter((word) => word !== '');
      for (const word of words) found.programs.push(programOf(word));
      if (words[0] !== undefined) start(words[0], words.slice(1), -1, depth + 1);
    }
  };

  /** `offset` is the place of `operands[0]` among the arguments; -1 inside a text. */
  const start = (given: string, operands: readonly string[], offset: number, depth: number): void => {
    if (depth > mostWrapped) return;
    const program = programOf(given);
    found.programs.push(program);
    const next = (at: number) => {
      const operand = operands[at];
      if (operand === undefined) return;
      if (/\s/.test(operand)) text(operand, depth);
      // There may be many of them, and none comes to more than its name.
      else if (!isKnown(operand)) found.programs.push(programOf(operand));
      else start(operand, operands.slice(at + 1), offset < 0 ? -1 : offset + at + 1, depth + 1);
    };
    const { base } = program;
    const takesCode = interpreterOf(base);
    if (takesCode) {
      inlineCode ||= operands.some((operand) => takesCode.test(operand) || inlineModule.test(operand));
      interpreted(base, operands, offset, depth);
    }
    if (shells.has(base)) {
      shell = true;
      const at = operands.findIndex((operand) => !/^(-|\/[a-z](:|$))/i.test(operand));
      inlineCode ||= operands.some((operand) => /^(-[a-z]*c|\/[ck]|-enc.*|-e|-command)$/i.test(operand));
      if (at >= 0) next(at);
    } else if (isWrapper(base)) {
      const split = operands.findIndex((operand) => /^(-[a-z]*S|--split-string)/.test(operand));
      if (base === 'env' && split >= 0)
        text(
          operands
            .slice(split)
            .join(' ')
            .replace(/^\S+?[S=g]\s*/, ''),
          depth,
        );
      for (const at of programsWithin(base, operands, isKnown)) next(at);
    } else launch(base, operands, offset, depth);
  };

  /** An interpreter may be handed a launcher: as a script of Node, as a module of Python. */
  const interpreted = (base: string, operands: readonly string[], offset: number, depth: number): void => {
    const script = operands.findIndex((operand) => launcherScript.test(operand));
    const handed = (program: string, from: number) =>
      start(program, operands.slice(from), offset < 0 ? -1 : offset + from, depth + 1);
    if (script >= 0) handed(launcherScript.exec(operands[script] ?? '')?.[1] ?? '', script + 1);
    const option = /^py/.test(base) ? operands.findIndex((operand) => /^-[A-Za-z]*m/.test(operand)) : -1;
    if (option < 0) return;
    const joined = /^-[A-Za-z]*?m(.+)$/.exec(operands[option] ?? '')?.[1];
    const module = joined ?? operands[option + 1] ?? '';
    if (launchersOf(module).length > 0) handed(module, option + (joined === undefined ? 2 : 1));
  };

  const launch = (base: string, operands: readonly string[], offset: number, depth: number): void => {
    for (const launcher of launchersOf(base)) {
      const read = readLaunch(launcher, operands);
      if (!read) continue;
      add(read, offset);
      const { program: at = operands.length } = read;
      // What is no launcher itself, such as a script, is nothing that a rule would look for.
      if (isKnown(operands[at] ?? ''))
        start(operands[at] ?? '', operands.slice(at + 1), offset < 0 ? -1 : offset + at + 1, depth + 1);
    }
  };

  const add = (read: Launch, offset: number): void => {
    found.launches.push(read);
    found.packages.push(
      ...read.packages.map((one) => ({ ...one, at: offset < 0 || one.at < 0 ? -1 : one.at + offset })),
    );
    for (const line of read.shell) text(line, 1);
  };

  if (/\s/.test(command) && !/^(\/|[a-z]:[\\/])/i.test(command)) {
    const words = command.split(/\s+/).filter((word) => word !== '');
    start(words[0] ?? '', [...words.slice(1), ...args], -1, 0);
  } else start(command, args, 0, 0);
  return { ...found, shell, inlineCode };
}

function programOf(given: string): Program {
  const last = fold(given)
    .replace(/[\s.]+$/, '')
    .split(/[\\/]/)
    .at(-1);
  return { given, base: (last ?? '').replace(/\.(exe|cmd|bat|com|ps1)$/, '') };
}

function interpreterOf(base: string): RegExp | undefined {
  return inline[base.replace(/[\d.]+$/, '')];
}

/** Whether a program is one that runs others, or code. */
function isKnown(given: string): boolean {
  const { base } = programOf(given);
  return shells.has(base) || isWrapper(base) || launchersOf(base).length > 0 || interpreterOf(base) !== undefined;
}
