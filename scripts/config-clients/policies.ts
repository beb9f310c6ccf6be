// Whether clients keep to the policies that Tutti renders: policies.ts <folder> <clients> [client …], in a mount namespace
// whose /etc may be written to. run.ts starts it.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { builtInFamily } from '../../server/src/capabilities/config/families/built-in.ts';
import type { BuiltInFamily } from '../../server/src/capabilities/config/families/family.ts';
import type { NeutralServer } from '../../server/src/capabilities/config/families/neutral.ts';
import { render } from '../../server/src/capabilities/config/families/render.ts';
import { clients, quiet } from '../real-clients/clients.ts';
import { files } from './files.ts';

const policies: Readonly<Record<string, readonly [family: string, file: string]>> = {
  claude: ['claude-code-managed', '/etc/claude-code/managed-settings.json'],
  codex: ['codex-requirements', '/etc/codex/requirements.toml'],
  gemini: ['gemini-managed', '/etc/gemini-cli/settings.json'],
};

const [folder = '', installDir = '', ...chosen] = process.argv.slice(2);
let kept = 0;
for (const bin of chosen.filter((one) => policies[one])) {
  const started = await startedBy(bin);
  const right = started.join() === 'a';
  console.log(`${right ? '✓' : '✗'} ${bin}: of a, b, c and d, of which a is allowed, it started ${started.join(', ')}`);
  kept += right ? 0 : 1;
}
process.exitCode = kept > 0 ? 1 : 0;

/** The servers that a client starts whose user has more of them than the policy allows. */
async function startedBy(bin: string): Promise<string[]> {
  const client = clients.find((one) => one.bin === bin);
  const [policy, policyFile] = policies[bin] ?? ['', ''];
  const [own, ownFile] = files[bin] ?? ['', ''];
  if (!client) throw new Error(`there is no client ${bin}`);
  const [home, cwd] = ['policy-home', 'policy-project'].map((part) => path.join(folder, bin, part)) as [string, string];
  for (const directory of [cwd, path.dirname(policyFile), path.dirname(path.join(home, ownFile))])
    mkdirSync(directory, { recursive: true });
  const allowed = recorderOf(cwd, 'a');
  const off = { ...recorderOf(cwd, 'c'), enabled: false };
  // The user has one under the allowed name that runs something else besides: Gemini knows names alone.
  const users = [bin === 'gemini' ? { ...recorderOf(cwd, 'd'), name: 'a' } : allowed, recorderOf(cwd, 'b')];
  const more = bin === 'gemini' ? [] : [recorderOf(cwd, 'd', '/usr/bin/env')];
  write(policyFile, policy, [allowed, off]);
  write(path.join(home, ownFile), own, [...users, recorderOf(cwd, 'c'), ...more]);
  if (bin === 'gemini')
    writeFileSync(path.join(home, '.gemini/trustedFolders.json'), JSON.stringify({ [cwd]: 'TRUST_FOLDER' }));
  const program = path.join(installDir, bin, 'node_modules', '.bin', bin);
  const env = { ...quiet, PATH: process.env.PATH ?? '', HOME: home };
  await client.list({ program, place: { home, cwd, env } });
  return readdirSync(cwd)
    .map((file) => path.parse(file).name)
    .sort();
}

function recorderOf(cwd: string, name: string, through?: string): NeutralServer {
  const args = [path.join(import.meta.dirname, 'recorder.mjs'), path.join(cwd, `${name}.json`)];
  return through
    ? { name, transport: 'stdio', command: through, args: [process.execPath, ...args] }
    : { name, transport: 'stdio', command: process.execPath, args };
}

function write(file: string, id: string, servers: NeutralServer[]): void {
  const family = builtInFamily(id) as BuiltInFamily;
  writeFileSync(file, render(family, { inputs: [], servers }).text);
}
