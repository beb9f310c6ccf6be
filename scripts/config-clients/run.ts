// Installs real MCP clients, lets them read what Tutti renders, and looks at how they start and call the servers in it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { builtInFamily } from '../../server/src/capabilities/config/families/built-in.ts';
import { checkPayload } from '../../server/src/capabilities/config/families/check.ts';
import { render } from '../../server/src/capabilities/config/families/render.ts';
import { clients, quiet, type RealClient } from '../real-clients/clients.ts';
import { install } from '../real-clients/install.ts';
import { said } from '../real-clients/processes.ts';
import { expected, given, type Wanted } from './expected.ts';
import { files } from './files.ts';

const { values: flags, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { 'install-dir': { type: 'string' } },
});
const folder = mkdtempSync(path.join(tmpdir(), 'tutti-config-clients-'));
const installDir = path.resolve(flags['install-dir'] ?? path.join(folder, 'clients'));
const requests = new Map<string, IncomingHttpHeaders>();
const server = createServer((request, response) => {
  requests.set(request.url?.slice(1) ?? '', request.headers);
  response.writeHead(404).end();
});

try {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let failed = 0;
  const read: string[] = [];
  for (const client of clients.filter(({ bin }) => chosen.length === 0 || chosen.includes(bin))) {
    const problems = await check(client).catch((error: Error) => [error.message]);
    if (problems) failed += problems.length;
    else continue;
    read.push(client.bin);
    for (const problem of problems) console.log(`✗ ${client.title}: ${problem}`);
  }
  failed += await checkPolicies(read);
  console.log(`\nClients that read what was rendered: ${read.length}. Differences: ${failed}.`);
  if (failed > 0 || read.length === 0) process.exitCode = 1;
} finally {
  server.closeAllConnections();
  server.close();
  // A client may still be writing when it has answered.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

/** What differs between what was meant and what the client does; undefined when the client cannot be had here. */
async function check(client: RealClient): Promise<string[] | undefined> {
  const [home, cwd] = ['home', 'project'].map((part) => path.join(folder, client.bin, part)) as [string, string];
  for (const directory of [home, cwd]) mkdirSync(directory, { recursive: true });
  const searched = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  const place = { home, cwd, env: { ...quiet, ...given, PATH: searched, HOME: home } };
  const installed = await install(client, installDir, place).catch((error: Error) => {
    console.log(`- ${client.title}: skipped, it cannot be installed or started. ${error.message}`);
  });
  if (!installed) return undefined;

  const [id, file] = files[client.bin] ?? [];
  const family = builtInFamily(id ?? '');
  if (!family || !file) throw new Error(`nothing is known of ${client.bin}`);
  requests.clear();
  const { port } = server.address() as AddressInfo;
  const { config, wanted } = expected(cwd, `http://127.0.0.1:${port}`);
  const { payload, text, losses } = render(family, config);
  const problems = checkPayload(family, family.schemas.at(-1)?.version ?? '', payload, text).map((one) => one.message);
  mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
  writeFileSync(path.join(home, file), text);
  // Gemini starts nothing in a folder that nobody trusts.
  if (client.bin === 'gemini')
    writeFileSync(path.join(home, '.gemini/trustedFolders.json'), JSON.stringify({ [cwd]: 'TRUST_FOLDER' }));

  const listed = await client.list({ program: installed.program, place });
  const leftOut = new Set(losses.filter(isLeftOut).map(({ pointer }) => Number(pointer.split('/')[2])));
  const lacksDefault = new Set(
    losses.flatMap(({ feature, pointer }) =>
      feature === 'default' ? [config.servers[Number(pointer.split('/')[2])]?.name] : [],
    ),
  );
  const kept = config.servers.filter((_, at) => !leftOut.has(at));
  for (const { name, enabled } of kept) {
    if (enabled === false) problems.push(...(started(cwd, name) ? [`${name} is switched off and was started`] : []));
    else problems.push(...differences(name, lacksDefault.has(name) ? {} : (wanted.get(name) ?? {}), cwd));
    if (enabled !== false && !listed.includes(name)) problems.push(`${name} is not listed: ${listed.slice(0, 500)}`);
    const [, shown] = new RegExp(`^${name}: .* (\\d+) tools$`, 'm').exec(listed) ?? [];
    const { tools = shown } = wanted.get(name) ?? {};
    if (shown !== undefined && Number(shown) !== Number(tools)) problems.push(`${name} shows ${shown} tools`);
  }
  const absent = config.servers.filter((_, at) => leftOut.has(at)).map(({ name }) => name);
  console.log(
    `${problems.length > 0 ? '✗' : '✓'} ${client.title} (${installed.version}): ${kept.length} servers as meant; left out: ${absent.join(', ')}`,
  );
  return problems;
}

/** Whether clients keep to rendered policies. Their files are in /etc, so it takes a name space with an /etc of its own. */
async function checkPolicies(installed: readonly string[]): Promise<number> {
  const [upper, work] = ['etc', 'etc-work'].map((part) => path.join(folder, part)) as [string, string];
  for (const directory of [upper, work]) mkdirSync(directory);
  const mount = `mount -t overlay overlay -o lowerdir=/etc,upperdir=${upper},workdir=${work} /etc && exec "$0" "$@"`;
  const script = path.join(import.meta.dirname, 'policies.ts');
  const place = { cwd: folder, env: { PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter) } };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('- Policies: skipped, an /etc of its own takes root on Linux.');
    return 0;
  }
  const words = ['--mount', 'sh', '-c', mount, process.execPath, script, folder, installDir, ...installed];
  return said('unshare', words, place).then(
    (answer) => {
      console.log(answer.trim());
      return 0;
    },
    (error: Error) => {
      console.log(`✗ Policies: ${error.message}`);
      return 1;
    },
  );
}

function isLeftOut({ severity, feature }: { severity: string; feature: string }): boolean {
  return severity === 'error' || feature === 'enabled';
}

interface Start {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function started(cwd: string, name: string): Start | undefined {
  const file = path.join(cwd, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Start) : undefined;
}

function differences(name: string, wanted: Wanted, cwd: string): string[] {
  const found: string[] = [];
  const compare = (what: string, got: unknown, meant: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(meant))
      found.push(`${name}: ${what} is ${JSON.stringify(got)} instead of ${JSON.stringify(meant)}`);
  };
  if (wanted.headers) {
    const got = requests.get(name);
    if (!got) return [`${name} was not called`];
    for (const [key, value] of Object.entries(wanted.headers)) compare(`the header ${key}`, got[key], value);
    return found;
  }
  const got = started(cwd, name);
  if (!got) return [`${name} was not started`];
  compare('the arguments', got.args, wanted.args ?? []);
  for (const [key, value] of Object.entries(wanted.env ?? {})) compare(`the variable ${key}`, got.env[key], value);
  if (wanted.cwd) compare('the directory', got.cwd, wanted.cwd);
  return found;
}
