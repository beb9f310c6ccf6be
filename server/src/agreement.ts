import { agree, putTerms, type Term } from './core/db/agreements.ts';
import type { Db } from './core/db/database.ts';
import { AppError } from './core/errors.ts';
import { keysDirectory, keyTerms, makeMissingKeys } from './core/key-files.ts';
import type { Logger } from './core/log.ts';
import type { Settings } from './core/settings.ts';
import { declaredTerms } from './declared-terms.ts';
import { sharedStore } from './storage.ts';
import type { Undo } from './undo.ts';

const lookMs = 5000;

/** What this process must have alike with all others of its database: the signing keys and the place of the objects. */
function fixedTerms(settings: Settings): Term[] {
  const objects = sharedStore(settings);
  const terms = keyTerms(keysDirectory(settings));
  return objects === undefined ? terms : [{ name: 'object store', value: objects }, ...terms];
}

/** All that is compared, with what callers name: a job that names it may run on any of the servers. */
export async function sharedTerms(settings: Settings): Promise<Term[]> {
  return [...fixedTerms(settings), ...(await declaredTerms(settings))];
}

/**
 * Refuses to start with other keys or objects than the processes beside it, which would answer to nothing that they signed.
 * Keys that are rotated while this process runs are noted down for those that start later.
 */
export async function agreeWithOthers(settings: Settings, db: Db, log: Logger, undo: Undo): Promise<void> {
  if (settings.keys_dir === undefined) makeMissingKeys(keysDirectory(settings));
  let terms = fixedTerms(settings);
  const [first] = await agree(db, [...terms, ...(await declaredTerms(settings))]);
  if (first) throw disagreement(first, settings);

  const look = async () => {
    const now = fixedTerms(settings);
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

function disagreement(term: Term, settings: Settings): AppError {
  const [here, remedy] = differenceOf(term, settings);
  return new AppError(
    'CONFLICT',
    `${here} not what the other servers of this database use.`,
    `${remedy}; if these are the right ones and no other server runs: tutti keys adopt`,
  );
}

function differenceOf({ name, value, unlessAlone }: Term, settings: Settings): [here: string, remedy: string] {
  if (name.startsWith('keys'))
    return [`The ${name} in ${keysDirectory(settings)} are`, 'Give it the same keys_dir as the others'];
  if (!unlessAlone) return [`The ${name} ${value} is`, 'Give it the same objects.s3_bucket and prefix as the others'];
  const [setting, item] = name.split(' ');
  const here = item === undefined ? `What ${setting} declares ${value} is` : `${item} of ${setting} is`;
  return [here, `Give it the same ${setting} as the others, or stop them all and start them with the new ones`];
}
