import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RealClient } from './clients.ts';
import { type Place, said } from './processes.ts';

/** Installs the newest version of a client below a directory. Answers its program and what it says its version is. */
export async function install(
  { bin, package: name }: Pick<RealClient, 'bin' | 'package'>,
  directory: string,
  place: Place,
): Promise<{ program: string; version: string }> {
  const cwd = path.join(directory, bin);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(path.join(cwd, 'package.json'), '{ "private": true }\n');
  const env = { ...place.env, ...registry() };
  await said('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `${name}@latest`], { cwd, env });
  const program = path.join(cwd, 'node_modules', '.bin', bin);
  return { program, version: /\d+\.\d+\.\d+[^\s.]*/.exec(await said(program, ['--version'], place))?.[0] ?? '' };
}

/** How npm reaches packages on this machine: all that is passed on of the caller's environment. */
function registry(): Record<string, string> {
  const names = /^(npm_config_registry|npm_config_cafile|node_extra_ca_certs|https?_proxy|no_proxy)$/i;
  const given = Object.entries(process.env).filter(([name]) => names.test(name));
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}
