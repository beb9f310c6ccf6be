import { agree, putTerms, type Term } from './core/db/agreements.ts';
import type { Db } from './core/db/database.ts';
import { AppError } from './core/errors.ts';
import { keysDirectory, keyTerms, makeMissingKeys } from './core/key-files.ts';
import type { Logger } from './core/log.ts';
import type { Settings } from './core/settings.ts';
import { sharedStore } from './storage.ts';
import type { Undo } from './undo.ts';

const lookMs = 5000;

/** What this process must have alike with all others of its database: the signing keys and the place of the objects. */
export function sharedTerms(settings: Settings): Term[] {
  const objects = sharedStore(settings);
  const terms = keyTerms(keysDirectory(settings));
  return objects === undefined ? terms : [{ name: 'object store', value: objects }, ...terms];
}

/**
 * Refuses to start with other keys or objects than the processes beside it, which would answer to nothing that they signed.
 * Keys that are rotated while this process runs are noted down for those that start later.
 */
export async function agreeWithOthers(settings: Settings, db: Db, log: Logger, undo: Undo): Promise<void> {
  if (settings.keys_dir === undefined) makeMissingKeys(keysDirectory(settings));
  let terms = sharedTerms(settings);
  const [first] = await agree(db, terms);
  if (first) throw disagreement(first, settings);

  const look = async () => {
    const now = sharedTerms(settings);
    const changed = now.filter(({ value }, at) => value !== terms[at]?.value);
    if (changed.length === 0) return;
    await putTerms(db, changed);
    terms = now;
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.warn({ error }, 'the keys were not compared'));
  }, lookMs);
  undo.push(async () => clearInterval(timer));
}

function disagreement({ name, value }: Term, settings: Settings): AppError {
  const [here, remedy] = name.startsWith('keys')
    ? [`The ${name} in ${keysDirectory(settings)} are`, 'Give it the same keys_dir as the others']
    : [`The ${name} ${value} is`, 'Give it the same objects.s3_bucket and prefix as the others'];
  return new AppError(
    'CONFLICT',
    `${here} not what the other servers of this database use.`,
    `${remedy}; if these are the right ones and no other server runs: tutti keys adopt`,
  );
}
