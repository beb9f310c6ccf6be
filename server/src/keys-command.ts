import { sharedTerms } from './agreement.ts';
import { badInput, command, hasDatabase, settingsOf, withDatabase } from './command.ts';
import { headKeyPurpose } from './core/audit/head-key.ts';
import { makeDataDir } from './core/data-dir.ts';
import { putTerms } from './core/db/agreements.ts';
import { inTransaction } from './core/db/database.ts';
import {
  allPurposes,
  configKeyPurpose,
  keysDirectory,
  makeKey,
  makeMissingKeys,
  readKeyFile,
  writeKeyFile,
} from './core/key-files.ts';
import { publicHalf } from './core/key-pair.ts';
import type { KeyFile } from './core/keys.ts';
import type { Settings } from './core/settings.ts';
import { type Change, makeTables, noteChange } from './operator.ts';
import { mustSeeConfigs, signConfigs } from './sign-current.ts';

const help = `tutti keys: lists and rotates the keys of a data directory. A running server takes a change within a second.

  tutti keys list [--json]
  tutti keys make
      Makes the keys that are missing, for a keys_dir that several servers will read.
  tutti keys prepare config-release
      Makes the key that the next rotation takes, so that its public half can be handed out before it signs.
  tutti keys rotate <purpose> [--drop-old]
      Makes a new key, with which all that is new is signed. The old ones still verify what they signed, until dropped.
      Of config-release it signs what is current as well.
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
const onOne: Readonly<Record<string, Run>> = { prepare, rotate, 'drop-old': dropOld };

function list({ directory, flags: { json } }: Call): number {
  const all = allPurposes.map((purpose) => {
    const file = readKeyFile(directory, purpose);
    const { current = null, next, keys: known = {} } = file ?? {};
    return { purpose, current, ...(next !== undefined && { next }), keys: Object.keys(known) };
  });
  if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  for (const { purpose, current, next, keys: ids } of json ? [] : all) {
    const old = ids.filter((id) => id !== current && id !== next);
    const others = old.length > 0 ? `, still verifies ${old.join(', ')}` : '';
    const then = next === undefined ? '' : `, next with ${next}`;
    process.stdout.write(
      `${purpose}: ${current === null ? 'made at first use' : `signs with ${current}${then}${others}`}\n`,
    );
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

async function prepare({ settings, directory, purpose }: Call): Promise<number> {
  if (purpose !== configKeyPurpose) {
    throw badInput(`The next key for ${purpose} is handed out to nobody.`, `Prepare ${configKeyPurpose}, or rotate.`);
  }
  const before = readKeyFile(directory, purpose);
  if (!before) throw badInput(`There are no keys for ${purpose} yet.`, 'They are made at first use.');
  if (before.next !== undefined) {
    throw badInput(`${before.next} is prepared already.`, `Hand it out, then: tutti keys rotate ${purpose}`);
  }
  const [next, key] = makeKey(purpose, before);
  await noted(settings, { command: 'keys prepare', effect: 'write', detail: { purpose, key: next } }, () =>
    writeKeyFile(directory, purpose, { ...before, keys: { ...before.keys, [next]: key }, next }),
  );
  process.stderr.write(`${purpose} will sign with ${next} after the next rotation.\n`);
  return 0;
}

const keyOf = ({ keys }: KeyFile, id: string): [id: string, key: string] => [id, keys[id] ?? ''];

async function rotate({ settings, directory, purpose, flags: { 'drop-old': drop } }: Call): Promise<number> {
  const before = readKeyFile(directory, purpose);
  // Whoever took the keys had the prepared one among them.
  const [id, key] = before?.next === undefined || drop ? makeKey(purpose, before) : keyOf(before, before.next);
  if (purpose === configKeyPurpose && drop) mustSeeConfigs(settings);
  const file = { current: id, keys: { ...retired(before, purpose), [id]: key } };
  await noted(settings, { command: 'keys rotate', effect: 'write', detail: { purpose, key: id, drop_old: drop } }, () =>
    writeKeyFile(directory, purpose, file),
  );
  if (purpose === configKeyPurpose) await signConfigs(settings, file);
  if (drop) writeKeyFile(directory, purpose, { current: id, keys: { ...dropped(before, purpose), [id]: key } });
  process.stderr.write(`${purpose} now signs with ${id}${drop ? '; the keys before are dropped' : ''}.\n`);
  return 0;
}

async function dropOld({ settings, directory, purpose }: Call): Promise<number> {
  const before = readKeyFile(directory, purpose);
  if (!before) throw badInput(`There are no keys for ${purpose} yet.`, 'They are made at first use.');
  if (purpose === configKeyPurpose) {
    mustSeeConfigs(settings);
    await signConfigs(settings, before);
  }
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
function dropped(file: KeyFile | undefined, purpose: string): KeyFile['keys'] {
  return purpose === headKeyPurpose ? halvesOf(file) : {};
}

/** What is left of them when another one signs: of those of configurations the half that verifies. */
function retired(file: KeyFile | undefined, purpose: string): KeyFile['keys'] {
  return purpose === configKeyPurpose ? halvesOf(file) : (file?.keys ?? {});
}

function halvesOf(file: KeyFile | undefined): KeyFile['keys'] {
  return Object.fromEntries(Object.entries(file?.keys ?? {}).map(([id, pem]) => [id, publicHalf(pem)]));
}
