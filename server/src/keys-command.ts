import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { badInput, databaseFlags, report, settingsOf } from './command.ts';
import { headKeyPurpose, makeHeadKey, publicHalf } from './core/audit/head-key.ts';
import { makeDataDir, writePrivateFile } from './core/data-dir.ts';
import { type KeyFile, keyFileText, keyPurposes, randomKey } from './core/keys.ts';

const help = `tutti keys: lists and rotates the keys of a data directory. A running server takes a change within a second.

  tutti keys list [--json]
  tutti keys rotate <purpose> [--drop-old]
      Makes a new key, with which all that is new is signed. The old ones still verify what they signed, until dropped.
  tutti keys drop-old <purpose>
      Leaves the current key only: what the others signed holds no longer.

  --data-dir, --config   as for tutti serve
`;

const options = {
  'drop-old': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  ...databaseFlags,
} satisfies ParseArgsConfig['options'];

/** `tutti keys …`: the operator's commands for signing keys. Answers the exit code. */
export async function keys(args: readonly string[]): Promise<number> {
  try {
    const { values: flags, positionals } = readFlags(args);
    const [command, purpose, ...others] = positionals;
    if (flags.help) {
      process.stdout.write(help);
      return 0;
    }
    const known = command === 'list' || command === 'rotate' || command === 'drop-old';
    if (!known || others.length > 0 || (purpose === undefined) !== (command === 'list')) {
      process.stderr.write(help);
      return 2;
    }
    const { data_dir: dataDir } = settingsOf(flags);
    const directory = path.join(dataDir, 'keys');
    if (purpose === undefined) return list(directory, flags.json);
    if (!purposes.includes(purpose)) {
      throw badInput(`There are no keys for ${purpose}.`, `Give one of: ${purposes.join(', ')}.`);
    }
    makeDataDir(dataDir);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return command === 'rotate' ? rotate(directory, purpose, flags['drop-old']) : dropOld(directory, purpose);
  } catch (error) {
    return report(error);
  }
}

const purposes: readonly string[] = [...keyPurposes, headKeyPurpose];
const fileOf = (directory: string, purpose: string) => path.join(directory, `${purpose}.json`);

function list(directory: string, asJson: boolean): number {
  const made = existsSync(directory) ? readdirSync(directory) : [];
  const all = purposes.map((purpose) => {
    const file = made.includes(`${purpose}.json`) ? read(directory, purpose) : undefined;
    return { purpose, current: file?.current ?? null, keys: Object.keys(file?.keys ?? {}) };
  });
  if (asJson) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  for (const { purpose, current, keys: ids } of asJson ? [] : all) {
    const old = ids.filter((id) => id !== current);
    const others = old.length > 0 ? `, still verifies ${old.join(', ')}` : '';
    process.stdout.write(`${purpose}: ${current === null ? 'made at first use' : `signs with ${current}${others}`}\n`);
  }
  return 0;
}

function rotate(directory: string, purpose: string, drop: boolean): number {
  const before = read(directory, purpose);
  const [id, key] = purpose === headKeyPurpose ? makeHeadKey() : [nextId(before), randomKey()];
  write(directory, purpose, { current: id, keys: { ...(drop ? dropped(before, purpose) : before?.keys), [id]: key } });
  process.stderr.write(`${purpose} now signs with ${id}${drop ? '; the keys before are dropped' : ''}.\n`);
  return 0;
}

function dropOld(directory: string, purpose: string): number {
  const before = read(directory, purpose);
  if (!before) throw badInput(`There are no keys for ${purpose} yet.`, 'They are made at first use.');
  const { current } = before;
  const kept = { ...dropped(before, purpose), [current]: before.keys[current] ?? '' };
  write(directory, purpose, { current, keys: kept });
  process.stderr.write(`${purpose} has the key ${current} only.\n`);
  return 0;
}

/** What is left of the keys when they are dropped: nothing, but of those of the audit log the half that verifies. */
function dropped(file: KeyFile | undefined, purpose: string): Record<string, string> {
  if (purpose !== headKeyPurpose) return {};
  return Object.fromEntries(Object.entries(file?.keys ?? {}).map(([id, pem]) => [id, publicHalf(pem)]));
}

function nextId(file: KeyFile | undefined): string {
  const numbers = Object.keys(file?.keys ?? {}).map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0));
  return `k${Math.max(0, ...numbers) + 1}`;
}

function read(directory: string, purpose: string): KeyFile | undefined {
  const file = fileOf(directory, purpose);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
  } catch {
    throw badInput(`${file} cannot be read.`, 'Restore it from a backup; what it signed cannot be checked without it.');
  }
}

function write(directory: string, purpose: string, file: KeyFile): void {
  writePrivateFile(fileOf(directory, purpose), keyFileText(file));
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw badInput(`${(error as Error).message.split('. ')[0]}.`, 'See: tutti keys --help');
  }
}
