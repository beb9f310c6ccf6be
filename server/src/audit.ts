import {
  badInput,
  command,
  type Flags as FlagsOf,
  mustHaveDatabase,
  type Options,
  settingsOf,
  withDatabase,
} from './command.ts';
import { readAnchor } from './core/audit/anchor.ts';
import type { Entry } from './core/audit/entry.ts';
import { openHeadKey } from './core/audit/head-key.ts';
import { listEntries } from './core/audit/store.ts';
import { type Verdict, verifyChain } from './core/audit/verify.ts';
import type { Db } from './core/db/database.ts';
import { AppError } from './core/errors.ts';
import { keysDirectory } from './core/key-files.ts';
import type { Settings } from './core/settings.ts';
import { timeOf } from './times.ts';

const help = `tutti audit: verifies and shows the audit trail. It works on the database itself, whether or not a server runs.

  tutti audit verify [--json]
      Walks the whole chain. Exits with 0 when it is whole, with 1 when an entry was changed or removed, the end was
      cut off, or a head is not signed by this installation; it says where.
  tutti audit list [--principal <name or id>] [--tool <name>] [--since <time>] [--limit <n>] [--json]
      Shows the newest entries, the newest first.

  --since <time>         30m, 12h, 90d ago, or a date
  --limit <n>            1 to 100000 (default: 50)
  --data-dir, --database-url, --keys-dir, --config   as for tutti serve
`;

const options = {
  principal: { type: 'string' },
  tool: { type: 'string' },
  since: { type: 'string' },
  limit: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
} satisfies Options;

type Flags = FlagsOf<typeof options>;

/** `tutti audit …`: the operator's commands for the audit trail. Answers the exit code. */
export const audit = command(help, options, (flags, [name, ...others]) => {
  const wanted = name === 'verify' ? verify : name === 'list' ? list : undefined;
  if (!wanted || others.length > 0) return undefined;
  const settings = settingsOf(flags);
  const run = wanted(flags, settings);
  mustHaveDatabase(settings);
  return withDatabase(settings, (db) => run(db).catch(withoutTables));
});

function verify(flags: Flags, settings: Settings): (db: Db) => Promise<number> {
  return async (db) => {
    const key = openHeadKey(keysDirectory(settings));
    const verdict = await verifyChain(db, key, readAnchor(settings.data_dir));
    process.stdout.write(flags.json ? `${JSON.stringify(verdict, null, 2)}\n` : describe(verdict));
    return verdict.ok ? 0 : 1;
  };
}

function list(flags: Flags): (db: Db) => Promise<number> {
  const { principal, tool } = flags;
  const filter = { principal, tool, since: sinceOf(flags.since), limit: limitOf(flags.limit) };
  return async (db) => {
    const entries = await listEntries(db, filter);
    process.stdout.write(flags.json ? `${JSON.stringify(entries, null, 2)}\n` : entries.map(line).join(''));
    return 0;
  };
}

function describe(verdict: Verdict): string {
  const { head, problems, more_problems: more } = verdict;
  const start = verdict.start === 0 ? '' : `Entries up to ${verdict.start} were removed when their time was over.\n`;
  const end = head ? `The last head, at entry ${head.seq}, is of ${head.time}: ${head.hash}\n` : '';
  const waiting = verdict.unsealed > 0 ? `Entries that wait for their seal: ${verdict.unsealed}.\n` : '';
  const found = problems.map((problem) => `✗ ${problem}\n`).join('');
  const rest = more > 0 ? `… and ${more} more.\n` : '';
  const result = verdict.ok ? 'The chain is whole' : 'The chain is broken';
  return `${found}${rest}${start}${end}${waiting}${result}: ${counted(verdict.entries, 'entry', 'entries')}, ${counted(verdict.heads, 'head', 'heads')}.\n`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function line(entry: Entry): string {
  const { time, outcome, principal_name: name, tool, subject } = entry;
  return `${time}  ${String(entry.seq ?? '-').padStart(6)}  ${outcome.padEnd(15)}  ${name}  ${tool}  ${subject ?? '-'}\n`;
}

function sinceOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = timeOf(text, 'ago');
  if (!Number.isNaN(time.getTime())) return time;
  throw badInput(`--since ${text} is no time.`, 'Give one such as 30m, 12h, 90d or 2030-01-31.');
}

function limitOf(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 100_000) return limit;
  throw badInput(`--limit ${text} is no number from 1 to 100000.`, 'See: tutti audit --help');
}

function withoutTables(error: { code?: unknown }): never {
  if (error.code !== '42P01') throw error;
  throw new AppError(
    'NOT_FOUND',
    'This database has no audit trail yet, or its tables were removed.',
    'The next start of the server makes them.',
  );
}
