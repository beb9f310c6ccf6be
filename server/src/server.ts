import { deleteServer, listServers, putServer } from './capabilities/workflows/downstream/store.ts';
import { badInput, command, type Flags as FlagsOf, type Options, settingsOf, withDatabase } from './command.ts';
import { type Db, inTransaction } from './core/db/database.ts';
import { migrate } from './core/db/migrate.ts';
import { AppError } from './core/errors.ts';
import type { Settings } from './core/settings.ts';
import type { DownstreamServer } from './core/workflows-settings.ts';
import { allMigrations } from './migrations.ts';
import { makeTables, noteChange } from './operator.ts';
import { declarationOf } from './server-declaration.ts';
import { tryServer } from './server-test.ts';

const help = `tutti server: declares the MCP servers whose tools workflows may call, as mcp://<name>/<tool>.

  tutti server add <name> --url https://mail.example.com/mcp [--bearer secret:mail-token] [--header NAME=value …]
  tutti server add <name> [--env NAME=value …] -- <command> [argument …]
      A value may be secret:<name>, granted by: tutti secret grant <name> --server <server>
  tutti server add <name> --file server.yaml
      All fields of a declaration, see docs/downstream.md. It takes the place of one that was added by that name.
  tutti server list [--json]
  tutti server remove <name>
  tutti server test <name> [--json]
      Connects to it, starting it where it is a command, asks for its tools, and ends it.

A running server of Tutti takes a change up by itself. Those of tutti.yaml (workflows.servers) cannot be changed here.

  --data-dir, --database-url, --config   as for tutti serve
`;

const options = {
  url: { type: 'string' },
  bearer: { type: 'string' },
  header: { type: 'string', multiple: true },
  env: { type: 'string', multiple: true },
  file: { type: 'string' },
  json: { type: 'boolean', default: false },
} satisfies Options;

type Flags = FlagsOf<typeof options>;

interface Call {
  readonly db: Db;
  readonly settings: Settings;
  readonly flags: Flags;
  readonly name: string;
  readonly words: readonly string[];
}

/** `tutti server …`: the operator's commands for downstream servers. Answers the exit code. */
export const server = command(help, options, (flags, [verb = '', name, ...words]) => {
  const run = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (!run || (name === undefined) !== (verb === 'list') || (words.length > 0 && verb !== 'add')) return undefined;
  const settings = settingsOf(flags);
  return withDatabase(settings, async (db) => {
    await prepare(db);
    return run({ db, settings, flags, name: name ?? '', words });
  });
});

const commands: Readonly<Record<string, (call: Call) => Promise<number>>> = { add, list, remove, test };

/** A database that no server of this release has seen has no table of them. */
async function prepare(db: Db): Promise<void> {
  await makeTables(db);
  try {
    await listServers(db);
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42P01') throw error;
    await migrate(db, allMigrations);
  }
}

async function add({ db, settings, flags, name, words }: Call): Promise<number> {
  refuseDeclared(settings, name);
  const declared = declarationOf(name, flags, words);
  const isNew = await inTransaction(db, async (tx) => {
    const made = await putServer(tx, declared);
    await noteChange(tx, { command: 'server add', effect: 'write', detail: { server: name, ...describe(declared) } });
    return made;
  });
  process.stderr.write(`${name} is ${isNew ? 'added' : 'changed'}. Try it with: tutti server test ${name}\n`);
  return 0;
}

async function remove({ db, settings, name }: Call): Promise<number> {
  refuseDeclared(settings, name);
  await inTransaction(db, async (tx) => {
    if (!(await deleteServer(tx, name))) throw noServer(name);
    await noteChange(tx, { command: 'server remove', effect: 'destroy', detail: { server: name } });
  });
  process.stderr.write(`${name} is gone. States of workflows that name it fail.\n`);
  return 0;
}

async function list({ db, settings, flags }: Call): Promise<number> {
  const declared = settings['workflows.servers'];
  const added = (await listServers(db)).filter(({ name }) => !declared.some((one) => one.name === name));
  const all = [
    ...declared.map((one) => ({ name: one.name, from: 'tutti.yaml', ...describe(one) })),
    ...added.map((one) => ({ name: one.name, from: 'tutti server add', ...describe(one) })),
  ];
  if (flags.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  if (all.length === 0) process.stderr.write('There are none yet. Add one with: tutti server add <name> …\n');
  for (const { name, from, where } of flags.json ? [] : all) process.stdout.write(`${name}  ${where}  (${from})\n`);
  return 0;
}

async function test({ db, settings, flags, name }: Call): Promise<number> {
  const known = [...settings['workflows.servers'], ...(await listServers(db))].some((one) => one.name === name);
  if (!known) throw noServer(name);
  return tryServer(db, settings, name, flags.json === true);
}

/** What may be shown of a declaration: where it is, and the names of its variables, whose values may be secrets. */
function describe({ command: program, args, url, env, headers, bearer, oauth, isolation }: DownstreamServer) {
  const auth = bearer !== undefined ? 'bearer' : oauth && 'oauth';
  return {
    where: url ?? [program, ...args].join(' '),
    ...(Object.keys(env).length > 0 && { env: Object.keys(env) }),
    ...(Object.keys(headers).length > 0 && { headers: Object.keys(headers) }),
    ...(auth && { auth }),
    ...(isolation === 'none' && { isolation }),
  };
}

function refuseDeclared(settings: Settings, name: string): void {
  if (!settings['workflows.servers'].some((one) => one.name === name)) return;
  throw badInput(`${name} is declared in the settings (workflows.servers), which count first.`, 'Change it there.');
}

function noServer(name: string): AppError {
  return new AppError('NOT_FOUND', `There is no server ${name}.`, 'See them with: tutti server list');
}
