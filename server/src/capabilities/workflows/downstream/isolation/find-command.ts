import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { readVariable } from '../../../../core/settings.ts';

const systemDirs = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/**
 * The absolute path of a command, looked for where this process would: a child has no PATH of ours. `node` is the Node of
 * this process where there is no other. Undefined where it is not found.
 */
export function findCommand(command: string): string | undefined {
  if (command.includes('/')) return isProgram(path.resolve(command)) ? path.resolve(command) : undefined;
  const dirs = (readVariable('PATH') ?? '').split(path.delimiter).filter((dir) => path.isAbsolute(dir));
  return inDirs(command, dirs) ?? (command === 'node' ? process.execPath : undefined);
}

/** A tool of the system, wherever PATH leads. */
export function findSystemTool(name: string): string | undefined {
  return inDirs(name, systemDirs);
}

function inDirs(name: string, dirs: readonly string[]): string | undefined {
  return dirs.map((dir) => path.join(dir, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
