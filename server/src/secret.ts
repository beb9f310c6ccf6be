import path from 'node:path';
import { badInput, command, type Flags as FlagsOf, type Options, settingsOf, withDatabase } from './command.ts';
import * as store from './core/auth/secrets/store.ts';
import { type Db, inTransaction } from './core/db/database.ts';
import { AppError } from './core/errors.ts';
import { secretName } from './core/secrets.ts';
import { toolsets } from './core/tool.ts';
import { makeTables, noteChange } from './operator.ts';

const help = `tutti secret: names secrets that callers use as secret:<name>. Only where a secret is, is kept; never what it is.

  tutti secret set <name> (--env VARIABLE | --file PATH)
      The server reads the variable of its own environment, or the file, at the moment of each use.
  tutti secret grant <name> [--toolset lake] [--host api.example.com] [--server gmail]
      Lets a toolset use it, anybody towards a host, or one downstream server of workflows have it; flags together: only
      where all of them hold.
  tutti secret revoke <name> [--toolset …] [--host …] [--server …]
      Takes that grant away; without flags the secret with all of its grants.
  tutti secret list [--json]

  --data-dir, --database-url, --config   as for tutti serve
`;

const options = {
  env: { type: 'string' },
  file: { type: 'string' },
  toolset: { type: 'string' },
  host: { type: 'string' },
  server: { type: 'string' },
  json: { type: 'boolean', default: false },
} satisfies Options;

type Flags = FlagsOf<typeof options>;

/** `tutti secret …`: the operator's commands for secrets. Answers the exit code. */
export const secret = command(help, options, (flags, [verb = '', name, ...others]) => {
  const run = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (!run || (name === undefined) !== (verb === 'list')) return undefined;
  if (others.length > 0) {
    throw badInput(
      'A value on the command line is seen by others.',
      'Name where it is: --env VARIABLE or --file PATH.',
    );
  }
  if (name !== undefined && secretName(`secret:${name}`) === undefined) {
    throw badInput('A name is lower-case letters, digits, _ . and -, at most 64.', 'For example: orchestra-key');
  }
  return withDatabase(settingsOf(flags), async (db) => {
    await makeTables(db);
    return run(db, name ?? '', flags);
  });
});

const commands: Readonly<Record<string, (db: Db, name: string, flags: Flags) => Promise<number>>> = {
  set,
  grant,
  revoke,
  list,
};

async function set(db: Db, name: string, flags: Flags): Promise<number> {
  const reference = referenceOf(flags);
  await inTransaction(db, async (tx) => {
    await store.putSecret(tx, name, reference);
    await noteChange(tx, { command: 'secret set', effect: 'write', detail: { secret: name, reference } });
  });
  process.stderr.write(`secret:${name} is ${reference}. Grant it with: tutti secret grant ${name} --toolset …\n`);
  return 0;
}

function referenceOf({ env, file }: Flags): string {
  const given = env ?? file;
  if (given === undefined || (env !== undefined && file !== undefined)) {
    throw badInput('A secret is set by --env VARIABLE or --file PATH.', 'Give one of them.');
  }
  if (given.startsWith('op://')) {
    throw badInput(
      'The server never reads 1Password itself.',
      'Start it with `op run -- tutti serve` and name the variable that this fills: --env VARIABLE.',
    );
  }
  if (file !== undefined) return `file:${path.resolve(file)}`;
  // The text itself is not repeated: who mistakes the flag for one of values has typed the secret.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(given)) throw badInput('--env takes the name of a variable.', 'Never a value.');
  return `env:${given}`;
}

async function grant(db: Db, name: string, flags: Flags): Promise<number> {
  const wanted = grantOf(flags);
  if (Object.keys(wanted).length === 0)
    throw badInput('A grant needs --toolset, --host or --server.', 'Give one or more.');
  await inTransaction(db, async (tx) => {
    if (!(await store.findSecret(tx, name))) throw noSecret(name);
    await store.grantSecret(tx, name, wanted);
    await noteChange(tx, { command: 'secret grant', effect: 'write', detail: { secret: name, ...wanted } });
  });
  process.stderr.write(`secret:${name} may be used ${describe(wanted)}.\n`);
  return 0;
}

async function revoke(db: Db, name: string, flags: Flags): Promise<number> {
  const wanted = grantOf(flags);
  const all = Object.keys(wanted).length === 0;
  await inTransaction(db, async (tx) => {
    const done = await (all ? store.deleteSecret(tx, name) : store.revokeSecret(tx, name, wanted));
    if (!done) throw all ? noSecret(name) : noGrant(name);
    await noteChange(tx, { command: 'secret revoke', effect: 'destroy', detail: { secret: name, ...wanted } });
  });
  process.stderr.write(`secret:${name} ${all ? 'is gone' : `may no longer be used ${describe(wanted)}`}.\n`);
  return 0;
}

async function list(db: Db, _: string, flags: Flags): Promise<number> {
  const secrets = await store.listSecrets(db);
  if (flags.json) process.stdout.write(`${JSON.stringify(secrets, null, 2)}\n`);
  if (secrets.length === 0)
    process.stderr.write('There are none yet. Name one with: tutti secret set <name> --env VARIABLE\n');
  for (const { name, reference, grants } of flags.json ? [] : secrets) {
    process.stdout.write(`${name}  ${reference}  ${grants.map(describe).join('; ') || 'granted to nobody'}\n`);
  }
  return 0;
}

function grantOf({ toolset, host, server }: Flags): store.SecretGrant {
  if (toolset !== undefined && !toolsets.some((known) => known === toolset)) {
    throw badInput(`There is no toolset ${toolset}.`, `Give one of: ${toolsets.join(', ')}.`);
  }
  if (host !== undefined && !/^[\w.:[\]-]+$/.test(host)) throw badInput(`${host} is no host.`, 'Give a host name.');
  if (server !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(server)) {
    throw badInput(`${server} is no name of a server.`, 'See them with: tutti server list');
  }
  return { ...(toolset && { toolset }), ...(host && { host: host.toLowerCase() }), ...(server && { server }) };
}

function describe({ toolset, host, server }: store.SecretGrant): string {
  const parts = [toolset && `by ${toolset}`, host && `towards ${host}`, server && `for the server ${server}`];
  return parts.filter(Boolean).join(' ');
}

function noSecret(name: string): AppError {
  return new AppError('NOT_FOUND', `There is no secret ${name}.`, 'See them with: tutti secret list');
}

function noGrant(name: string): AppError {
  return new AppError('NOT_FOUND', `${name} has no such grant.`, 'See its grants with: tutti secret list');
}
