import { sharedTerms } from './agreement.ts';
import { badInput, command, hasDatabase, settingsOf, withDatabase } from './command.ts';
import { headKeyPurpose } from './core/audit/head-key.ts';
import { makeDataDir } from './core/data-dir.ts';
import { putTerms } from './core/db/agreements.ts';
import { inTransaction } from './core/db/database.ts';
import { allPurposes, keysDirectory, makeKey, makeMissingKeys, readKeyFile, writeKeyFile } from './core/key-files.ts';
import { publicHalf } from './core/key-pair.ts';
import type { KeyFile } from './core/keys.ts';
import type { Settings } from './core/settings.ts';
import { type Change, makeTables, noteChange } from './operator.ts';

const help = `tutti keys: lists and rotates the keys of a data directory. A running server takes a change within a second.

  tutti keys list [--json]
  tutti keys make
      Makes the keys that are missing, for a keys_dir that several servers will read.
  tutti keys rotate <purpose> [--drop-old]
      Makes a new key, with which all that is new is signed. The old ones still verify what they signed, until dropped.
  tutti keys drop-old <purpose>
      Leaves the current key only: what the others signed holds no longer.
  tutti keys adopt
      Makes these keys, this object store and what is declared here those that every server of the database must have:
      after the objects were moved, or old keys dropped while no server ran.

  --data-dir, --keys-dir, --database-url, --config   as for tutti serve
`;

const options = {
  'drop-old': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** `tutti keys …`: the operator's commands for signing keys. Answers the exit code. */
export const keys = command(help, options, (flags, [verb = '', purpose, ...others]) => {
  const runs = purpose === undefined ? onAll : onOne;
  const run = Object.hasOwn(runs, verb) ? runs[verb] : undefined;
  if (!run || others.length > 0) return undefined;
  const settings = settingsOf(flags);
  if (purpose !== undefined && !allPurposes.includes(purpose)) {
    throw badInput(`There are no keys for ${purpose}.`, `Give one of: ${allPurposes.join(', ')}.`);
  }
  if (settings.keys_dir === undefined) makeDataDir(settings.data_dir);
  return run({ settings, directory: keysDirectory(settings), purpose: purpose ?? '', flags });
});

interface Call {
  readonly settings: Settings;
  readonly directory: string;
  readonly purpose: string;
  readonly flags: { readonly json: boolean; readonly 'drop-old': boolean };
}

type Run = (call: Call) => number | Promise<number>;

const onAll: Readonly<Record<string, Run>> = { list, make, adopt };
const onOne: Readonly<Record<string, Run>> = { rotate, 'drop-old': dropOld };

function list({ directory, flags: { json } }: Call): number {
  const all = allPurposes.map((purpose) => {
    const file = readKeyFile(directory, purpose);
    return { purpose, current: file?.current ?? null, keys: Object.keys(file?.keys ?? {}) };
  });
  if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  for (const { purpose, current, keys: ids } of json ? [] : all) {
    const old = ids.filter((id) => id !== current);
    const others = old.length > 0 ? `, still verifies ${old.join(', ')}` : '';
    process.stdout.write(`${purpose}: ${current === null ? 'made at first use' : `signs with ${current}${others}`}\n`);
  }
  return 0;
}

function make({ directory }: Call): number {
  const made = makeMissingKeys(directory);
  process.stderr.write(made.length > 0 ? `Made keys for ${made.join(', ')} in ${directory}.\n` : 'None is missing.\n');
  return 0;
}

async function adopt({ settings }: Call): Promise<number> {
  if (settings.database_url === undefined) {
    throw badInput('Only servers on a database by URL compare their keys.', 'Give that database with --database-url.');
  }
  const terms = await sharedTerms(settings);
  const names = terms.map(({ name }) => name);
  await withDatabase(settings, (db) =>
    inTransaction(db, async (tx) => {
      await putTerms(tx, terms);
      await noteChange(tx, { command: 'keys adopt', effect: 'write', detail: { terms: names } });
    }).catch(withoutTables),
  );
  process.stderr.write(`Every server of this database must now have these: ${names.join(', ')}.\n`);
  return 0;
}

function withoutTables(error: { code?: unknown }): never {
  if (error.code !== '42P01') throw error;
  throw badInput('No server ever started on this database.', 'Start the first one: it notes its keys down.');
}

async function rotate({ settings, directory, purpose, flags: { 'drop-old': drop } }: Call): Promise<number> {
  const before = readKeyFile(directory, purpose);
  const [id, key] = makeKey(purpose, before);
  const kept = drop ? dropped(before, purpose) : before?.keys;
  await noted(settings, { command: 'keys rotate', effect: 'write', detail: { purpose, key: id, drop_old: drop } }, () =>
    writeKeyFile(directory, purpose, { current: id, keys: { ...kept, [id]: key } }),
  );
  process.stderr.write(`${purpose} now signs with ${id}${drop ? '; the keys before are dropped' : ''}.\n`);
  return 0;
}

async function dropOld({ settings, directory, purpose }: Call): Promise<number> {
  const before = readKeyFile(directory, purpose);
  if (!before) throw badInput(`There are no keys for ${purpose} yet.`, 'They are made at first use.');
  const { current } = before;
  const kept = { ...dropped(before, purpose), [current]: before.keys[current] ?? '' };
  await noted(settings, { command: 'keys drop-old', effect: 'destroy', detail: { purpose, key: current } }, () =>
    writeKeyFile(directory, purpose, { current, keys: kept }),
  );
  process.stderr.write(`${purpose} has the key ${current} only.\n`);
  return 0;
}

/**
 * Writes keys between their audit entry and its commit: keys that cannot be written leave no entry. Before the first start
 * there is no trail yet.
 */
async function noted(settings: Settings, change: Change, write: () => void): Promise<void> {
  if (!hasDatabase(settings)) return write();
  await withDatabase(settings, async (db) => {
    await makeTables(db);
    await inTransaction(db, async (tx) => {
      await noteChange(tx, change);
      write();
    });
  });
}

/** What is left of the keys when they are dropped: nothing, but of those of the audit log the half that verifies. */
function dropped(file: KeyFile | undefined, purpose: string): Record<string, string> {
  if (purpose !== headKeyPurpose) return {};
  return Object.fromEntries(Object.entries(file?.keys ?? {}).map(([id, pem]) => [id, publicHalf(pem)]));
}
