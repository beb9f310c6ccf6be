import { badInput, command, type Flags as FlagsOf, type Options, settingsOf, withDatabase } from './command.ts';
import { findPrincipalByName, listTokens, revokeToken, type TokenRow } from './core/auth/store.ts';
import { createToken } from './core/auth/tokens.ts';
import { type Db, inTransaction } from './core/db/database.ts';
import { AppError } from './core/errors.ts';
import { toolsets } from './core/tool.ts';
import { makeTables, noteChange, operatorName } from './operator.ts';
import { timeOf } from './times.ts';

const help = `tutti token: mints, lists and revokes bearer tokens. It works on the database itself, whether or not a server runs.

  tutti token create <name> --grant <role or scope> [--grant …] [--only <scope> …] [--expires 90d]
      Mints a token of the principal <name> and prints it, this once. --grant says what the principal may do: admin,
      writer, reader, or scopes such as lake:read; it replaces what the principal had. --only narrows this token.
  tutti token create <name> [--toolset lake …] [--read-only] [--expires 90d]
      The same in fewer words: the scopes to read and write in these toolsets and the system tools, or to read only. A new
      principal is granted them; where one has grants, or --grant gives them, they narrow this token.
  tutti token list [--json]
  tutti token revoke <id>

  --expires <time>       30m, 12h, 90d or a date (default: 90d)
  --data-dir, --database-url, --config   as for tutti serve
`;

const options = {
  grant: { type: 'string', multiple: true, default: [] },
  only: { type: 'string', multiple: true, default: [] },
  toolset: { type: 'string', multiple: true, default: [] },
  'read-only': { type: 'boolean', default: false },
  expires: { type: 'string', default: '90d' },
  json: { type: 'boolean', default: false },
} satisfies Options;

type Flags = FlagsOf<typeof options>;

/** `tutti token …`: the operator's commands for tokens. Answers the exit code. */
export const token = command(help, options, (flags, [name = '', subject, ...others]) => {
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!run || others.length > 0 || (subject === undefined) !== (name === 'list')) return undefined;
  return withDatabase(settingsOf(flags), async (db) => {
    await makeTables(db);
    return run(db, subject ?? '', flags);
  });
});

const commands: Readonly<Record<string, (db: Db, subject: string, flags: Flags) => Promise<number>>> = {
  create,
  list,
  revoke,
};

/** Names that the audit trail and the control socket use for others than holders of tokens. */
const reserved: readonly string[] = [operatorName, 'stdio', 'system', 'unauthenticated'];

async function create(db: Db, name: string, flags: Flags): Promise<number> {
  if (name.startsWith('oidc:')) {
    throw badInput('Names that begin with oidc: belong to the principals of an issuer.', 'Choose another name.');
  }
  if (!/^[^\s\p{C}]([^\p{C}]{0,98}[^\s\p{C}])?$/u.test(name)) {
    throw badInput('A name has 1 to 100 characters, none at its ends a space.', 'For example: my-agent');
  }
  if (reserved.includes(name)) {
    throw badInput(`The name ${name} is kept for the server's own entries.`, 'Choose another name.');
  }
  const expiresAt = expiry(flags.expires);
  const before = (await findPrincipalByName(db, name))?.grants;
  const { grants, only } = wanted(flags, before);
  if (grants.length === 0) throw badInput('A token needs --grant.', 'Grant a role (admin, writer, reader) or a scope.');
  if (name === 'admin' && !grants.includes('admin')) {
    throw badInput('The principal admin keeps the grant admin.', 'Mint the token for another name.');
  }
  const narrowed = only.length > 0 ? { only } : {};
  const { id, secret } = await inTransaction(db, async (tx) => {
    const made = await createToken(tx, { name, grants, ...narrowed, expiresAt });
    const detail = {
      principal: name,
      grants,
      ...narrowed,
      expires_at: expiresAt.toISOString(),
      ...(before && { before }),
    };
    await noteChange(tx, { command: 'token create', effect: 'write', subject: made.id, detail });
    return made;
  });
  if (before && before.join() !== grants.join()) {
    process.stderr.write(`${name} had ${before.join(', ')}; all of its tokens now follow the new grants.\n`);
  }
  const may = only.length > 0 ? only : grants;
  process.stderr.write(`Token ${id} of ${name} may ${may.join(', ')} until ${expiresAt.toISOString()}.\n`);
  process.stdout.write(`${secret}\n`);
  return 0;
}

/** The grants of the principal and what the token is narrowed to, with --toolset and --read-only written out. */
function wanted(flags: Flags, before: readonly string[] | undefined): { grants: string[]; only: string[] } {
  const { grant: grants, only, toolset, 'read-only': readOnly } = flags;
  if (toolset.length === 0 && !readOnly) return { grants, only };
  if (only.length > 0) throw badInput('--only says the scopes, --toolset and --read-only too.', 'Give one of them.');
  const unknown = toolset.filter((name) => !toolsets.some((known) => known === name));
  if (unknown.length > 0) {
    throw badInput(`There is no toolset ${unknown.join(', ')}.`, `Give some of: ${toolsets.join(', ')}.`);
  }
  const named = toolsets.filter((name) => toolset.length === 0 || name === 'system' || toolset.includes(name));
  const scopes = named.flatMap((name) => (readOnly ? [`${name}:read`] : [`${name}:read`, `${name}:write`]));
  if (grants.length > 0) return { grants, only: scopes };
  return before ? { grants: [...before], only: scopes } : { grants: scopes, only: [] };
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
  await inTransaction(db, async (tx) => {
    if (!(await revokeToken(tx, id))) {
      throw new AppError('NOT_FOUND', `There is no token ${id} that still holds.`, 'See them with: tutti token list');
    }
    await noteChange(tx, { command: 'token revoke', effect: 'destroy', subject: id, detail: {} });
  });
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

function expiry(text: string): Date {
  const end = timeOf(text, 'ahead');
  if (end.getTime() > Date.now()) return end;
  throw badInput(`--expires ${text} is no time to come.`, 'Give one such as 30m, 12h, 90d or 2030-01-31.');
}
