import { type ParseArgsConfig, parseArgs } from 'node:util';
import { authMigrations, listTokens, revokeToken, type TokenRow } from './core/auth/store.ts';
import { createToken } from './core/auth/tokens.ts';
import { makeDataDir } from './core/data-dir.ts';
import { type Connection, type Db, openDatabase } from './core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from './core/db/embedded.ts';
import { migrate } from './core/db/migrate.ts';
import { directoryLock, takeServerLock } from './core/db/server-lock.ts';
import { AppError, errorRow } from './core/errors.ts';
import { createLog, type Logger } from './core/log.ts';
import { readSettings, type Settings, SettingsError } from './core/settings.ts';

const help = `tutti token: mints, lists and revokes bearer tokens. It works on the database itself, whether or not a server runs.

  tutti token create <name> --grant <role or scope> [--grant …] [--only <scope> …] [--expires 90d]
      Mints a token of the principal <name> and prints it, this once. --grant says what the principal may do: admin,
      writer, reader, or scopes such as lake:read; it replaces what the principal had. --only narrows this token.
  tutti token list [--json]
  tutti token revoke <id>

  --expires <time>       30m, 12h, 90d or a date (default: 90d)
  --data-dir, --database-url, --config   as for tutti serve
`;

const options = {
  grant: { type: 'string', multiple: true, default: [] },
  only: { type: 'string', multiple: true, default: [] },
  expires: { type: 'string', default: '90d' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  'data-dir': { type: 'string' },
  'database-url': { type: 'string' },
  config: { type: 'string' },
} satisfies ParseArgsConfig['options'];

type Flags = ReturnType<typeof readFlags>['values'];

/** `tutti token …`: the operator's commands for tokens. Answers the exit code. */
export async function token(args: readonly string[]): Promise<number> {
  try {
    const { values: flags, positionals } = readFlags(args);
    const [command, subject, ...others] = positionals;
    if (flags.help) {
      process.stdout.write(help);
      return 0;
    }
    const run = command === undefined ? undefined : commands[command];
    if (!run || others.length > 0 || (subject === undefined) !== (command === 'list')) {
      process.stderr.write(help);
      return 2;
    }
    return await withDatabase(settingsOf(flags), (db) => run(db, subject ?? '', flags));
  } catch (error) {
    return report(error);
  }
}

const commands: Readonly<Record<string, (db: Db, subject: string, flags: Flags) => Promise<number>>> = {
  create,
  list,
  revoke,
};

async function create(db: Db, name: string, flags: Flags): Promise<number> {
  if (flags.grant.length === 0)
    throw badInput('A token needs --grant.', 'Grant a role (admin, writer, reader) or a scope.');
  const expiresAt = expiry(flags.expires);
  const before = (await listTokens(db)).find((row) => row.name === name)?.principal_grants;
  if (name === 'admin' && !flags.grant.includes('admin')) {
    throw badInput('The principal admin keeps the grant admin.', 'Mint the token for another name.');
  }
  const only = flags.only.length > 0 ? { only: flags.only } : {};
  const { id, secret } = await createToken(db, { name, grants: flags.grant, ...only, expiresAt });
  if (before && before.join() !== flags.grant.join()) {
    process.stderr.write(`${name} had ${before.join(', ')}; all of its tokens now follow the new grants.\n`);
  }
  process.stderr.write(`Token ${id} of ${name} may ${flags.grant.join(', ')} until ${expiresAt.toISOString()}.\n`);
  process.stdout.write(`${secret}\n`);
  return 0;
}

async function list(db: Db, _: string, flags: Flags): Promise<number> {
  const tokens = (await listTokens(db)).map(describe);
  if (flags.json) process.stdout.write(`${JSON.stringify(tokens, null, 2)}\n`);
  for (const { id, name, grants, only, state, expires_at: end } of flags.json ? [] : tokens) {
    const narrowed = only ? ` only ${only.join(',')}` : '';
    process.stdout.write(`${id}  ${state.padEnd(7)}  ${end}  ${name}: ${grants.join(',')}${narrowed}\n`);
  }
  return 0;
}

async function revoke(db: Db, id: string): Promise<number> {
  if (!(await revokeToken(db, id))) {
    throw new AppError('NOT_FOUND', `There is no token ${id} that still holds.`, 'See them with: tutti token list');
  }
  process.stderr.write(`Token ${id} is revoked.\n`);
  return 0;
}

function describe(row: TokenRow) {
  const state = row.revoked_at ? 'revoked' : row.expires_at.getTime() <= Date.now() ? 'expired' : 'valid';
  return {
    id: row.token_id,
    name: row.name,
    grants: row.principal_grants,
    only: row.token_grants,
    state,
    expires_at: row.expires_at.toISOString(),
  };
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function expiry(text: string): Date {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const end = count ? new Date(Date.now() + Number(count) * (unitMs[unit] ?? 0)) : new Date(text);
  if (end.getTime() > Date.now()) return end;
  throw badInput(`--expires ${text} is no time to come.`, 'Give one such as 30m, 12h, 90d or 2030-01-31.');
}

/** Runs `work` on the database. A PostgreSQL that was started for it is stopped again, unless a server took it up. */
async function withDatabase(settings: Settings, work: (db: Db) => Promise<number>): Promise<number> {
  const log = createLog('warn');
  if (settings.database_url) return withConnection({ connectionString: settings.database_url }, log, work);
  makeDataDir(settings.data_dir);
  const embedded = await openEmbedded(settings.data_dir, log);
  try {
    return await withConnection(embedded.connection, log, work);
  } finally {
    if (!embedded.adopted) await stopUnlessServed(embedded, settings.data_dir, log);
  }
}

async function withConnection(connection: Connection, log: Logger, work: (db: Db) => Promise<number>): Promise<number> {
  const { db, close } = openDatabase(connection, log, { max: 4 });
  try {
    await makeTables(db);
    return await work(db);
  } finally {
    await close();
  }
}

/** A database that no server has seen yet has no tables; one that a server made has more than are known here. */
async function makeTables(db: Db): Promise<void> {
  const missing = await listTokens(db).then(
    () => false,
    (error) => {
      if (error.code === '42P01') return true;
      throw error;
    },
  );
  if (missing) await migrate(db, [authMigrations]);
}

async function stopUnlessServed(embedded: EmbeddedPostgres, dataDir: string, log: Logger): Promise<void> {
  // The name under which a server holds its directory: see openStorage in main.ts.
  const lock = await takeServerLock(embedded.connection, [directoryLock(dataDir)], log);
  if (!lock) return;
  await lock.release();
  await embedded.stop();
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw badInput(`${(error as Error).message.split('. ')[0]}.`, 'See: tutti token --help');
  }
}

function settingsOf(flags: Flags): Settings {
  const own = (['data-dir', 'database-url', 'config'] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  return readSettings(own);
}

function badInput(message: string, suggestion: string): AppError {
  return new AppError('VALIDATION_FAILED', message, suggestion);
}

function report(error: unknown): number {
  if (error instanceof SettingsError) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (error instanceof AppError) {
    process.stderr.write(`${error.message} ${error.suggestion}\n`);
    return errorRow(error.code).exit;
  }
  process.stderr.write(`The command failed: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}
