import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** A new id such as `ds_01J…`: the prefix names the kind, the rest sorts by time of creation within a process. */
export function newId(prefix: string): string {
  return `${prefix}_${next().toLowerCase()}`;
}
