import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Values under ids, one file each: what `put` returned from is on the disk, and a reader sees all of it or nothing. */
export interface Store<Value> {
  get(id: string): Value | undefined;
  put(id: string, value: Value): void;
  /** In the order of their ids. */
  all(): Value[];
}

/** Opens the store in a directory, which is made when it is missing. Ids must be fit for names of files. */
export function openStore<Value>(directory: string): Store<Value> {
  mkdirSync(directory, { recursive: true });
  const fileOf = (id: string) => path.join(directory, `${id}.json`);
  const get = (id: string): Value | undefined => {
    try {
      return JSON.parse(readFileSync(fileOf(id), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    get,
    put: (id, value) => writeWhole(fileOf(id), JSON.stringify(value)),
    all: () =>
      readdirSync(directory)
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => get(path.basename(file, '.json')) as Value),
  };
}

/** Writes a file that is there whole or not at all, whenever the process or the machine ends. */
export function writeWhole(file: string, text: string, beside = `${file}.new`): void {
  const to = openSync(beside, 'w');
  try {
    writeSync(to, text);
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
  renameSync(beside, file);
  const directory = openSync(path.dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
