import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Client, clients, type Places, type Reach, type Scope } from './connect-clients.ts';
import { changedLines, readText, replaceFile } from './connect-file.ts';
import { type ConnectionFlags, findServer } from './connection.ts';
import { badInput, TuttiError } from './error.ts';
import { type Environment, readEnvironment } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface ConnectFlags extends ConnectionFlags {
  readonly user?: boolean;
  readonly project?: boolean;
  readonly apply?: boolean;
  readonly stdio?: boolean;
  readonly grant?: readonly string[];
  readonly expires?: string;
  readonly as?: string;
}

interface Plan {
  readonly client: Client;
  readonly file: string;
  readonly scope: Scope;
  readonly grants: readonly string[];
  /** Whose token it will be. */
  readonly principal: string;
  readonly expires: string;
  readonly dataDir: string;
}

const entryName = 'tutti';
const placeholder = '<a token made by --apply>';
const tuttiCommand = fileURLToPath(new URL('../bin/tutti.js', import.meta.url));

/** `tutti connect <client>`: shows what it would write into that client's file, and writes it with --apply. */
export async function connect(
  name: string,
  flags: ConnectFlags,
  environment: Environment,
  places: Places,
  terminal: Terminal,
): Promise<number> {
  const plan = planOf(name, flags, environment, places);
  const text = await readText(plan.file);
  const reach = flags.stdio ? byCommand(plan.dataDir, places) : byUrl(flags, environment, plan.dataDir);
  const old = await plan.client.get(text, entryName);
  if ('url' in reach && reach.token === placeholder && !flags.grant && (await stillWorks(old, reach.url))) {
    terminal.out(`${plan.client.title} is connected already: ${plan.file}\n`);
    return 0;
  }
  if (!flags.apply) {
    const after = await plan.client.put(text, entryName, reach);
    terminal.out(
      `${describe(plan, reach)}\n${changedLines(text, after)}\nNothing is written yet. Do it with --apply.\n`,
    );
    return 0;
  }
  const final = 'url' in reach && reach.token === placeholder ? { ...reach, token: await mint(plan) } : reach;
  const kept = await replaceFile(plan.file, 'url' in final, (now) => plan.client.put(now, entryName, final));
  terminal.out(`${describe(plan, reach)}\nWritten${kept ? `; what was there before is in ${kept}` : ''}.\n`);
  if ('url' in final && plan.scope === 'project') {
    terminal.note(`${plan.file} holds a token now: keep it out of version control, or use --stdio.\n`);
  }
  terminal.out(`${plan.client.next}\n`);
  return 0;
}

function planOf(name: string, flags: ConnectFlags, environment: Environment, places: Places): Plan {
  const client = Object.hasOwn(clients, name) ? clients[name] : undefined;
  if (!client) {
    throw badInput(
      `tutti connect does not know ${JSON.stringify(name)}.`,
      `It knows ${Object.keys(clients).join(', ')}; any other client takes the URL and a token of \`tutti token create\`.`,
    );
  }
  if (flags.user && flags.project) throw badInput('Give --user or --project, not both.', 'See: tutti connect --help');
  const scope = flags.project ? 'project' : 'user';
  return {
    client,
    scope,
    file: client.file(scope, places),
    grants: flags.grant ?? ['reader'],
    principal: flags.as ?? name,
    expires: flags.expires ?? '90d',
    dataDir: path.resolve(flags.dataDir ?? environment.dataDir),
  };
}

/** The command that the client starts: by its name where that is installed, else by the place of this one. */
function byCommand(dataDir: string, { searchPath }: Places): Reach {
  const usual = path.resolve(readEnvironment({}).dataDir) === dataDir;
  const args = ['mcp', ...(usual ? [] : ['--data-dir', dataDir])];
  // What npm adds to the path of its scripts is not on a client's.
  const own = searchPath.filter((directory) => path.basename(directory) !== '.bin');
  const installed = own.some((directory) =>
    ['tutti', 'tutti.cmd'].some((name) => existsSync(path.join(directory, name))),
  );
  return installed ? { command: 'tutti', args } : { command: process.execPath, args: [tuttiCommand, ...args] };
}

/** The server's MCP endpoint. Only a token that was given for it, or one made for this client, is ever written. */
function byUrl(flags: ConnectFlags, environment: Environment, dataDir: string): Reach {
  const { url } = findServer(flags, environment);
  const endpoint = new URL('/mcp', url).href;
  if (flags.token !== undefined) return { url: endpoint, token: flags.token };
  const own = ownServer(environment, dataDir);
  if (own === undefined || new URL(own).origin !== new URL(url).origin) {
    throw badInput(
      `A token for ${url} can be made only where its data is.`,
      'Have its operator run `tutti token create <name> --grant reader`, and give what it prints with --token.',
    );
  }
  return { url: endpoint, token: placeholder };
}

function ownServer(environment: Environment, dataDir: string): string | undefined {
  try {
    return findServer({ dataDir }, { ...environment, url: undefined }).url;
  } catch {
    return undefined;
  }
}

/** Whether an entry that is there leads to this server with a token that holds. */
async function stillWorks(entry: unknown, url: string): Promise<boolean> {
  const { url: known, headers, http_headers } = (entry ?? {}) as Record<string, Record<string, string> | undefined>;
  const authorization = (headers ?? http_headers)?.Authorization;
  if (String(known) !== url || typeof authorization !== 'string') return false;
  try {
    const answer = await fetch(new URL('/tools/list_capabilities', url), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(20_000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Mints the token by the operator's own command, so that there is one way to do it. */
async function mint({ principal, grants, expires, dataDir }: Plan): Promise<string> {
  const words = ['token', 'create', principal, ...grants.flatMap((grant) => ['--grant', grant])];
  const rest = [`--expires=${expires}`, `--data-dir=${dataDir}`];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tuttiCommand, ...words, ...rest]);
    return stdout.trim();
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new TuttiError({
      code: 'VALIDATION_FAILED',
      message: `No token was made and nothing written: ${(stderr ?? String(error)).trim()}`,
      suggestion: 'Correct that, then try again.',
      retryable: false,
    });
  }
}

function describe({ client, file, grants, principal, expires }: Plan, reach: Reach): string {
  const how =
    'command' in reach
      ? `It starts \`${[reach.command, ...reach.args].join(' ')}\`; no token is kept in the file.`
      : reach.token === placeholder
        ? `Its token: principal ${principal}, grants ${grants.join(', ')}, expires ${expires} (change these with --as, --grant, --expires).`
        : 'It gets the token that you gave.';
  return `${client.title}: ${file}\n${how}\n`;
}
