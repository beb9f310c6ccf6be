import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { startOidcIssuer } from '../support/oidc-issuer.ts';
import { runTutti } from '../support/serve-process.ts';
import type { Live } from './live.ts';
import { grants } from './request.ts';

/** A directory that may be read in place, with ways out of it that must not be taken, and values that nobody may see. */
export function plantFiles(directory: string) {
  const secret = () => randomBytes(24).toString('hex');
  const canaries = { variable: secret(), file: secret(), orchestra: secret() };
  const [outside, declared] = [path.join(directory, 'outside'), path.join(directory, 'declared')];
  for (const one of [declared, outside]) mkdirSync(one);
  writeFileSync(path.join(outside, 'secret.csv'), `id,color\n1,${canaries.file}\n`);
  writeFileSync(path.join(declared, 'cars.csv'), 'id,color\n1,red\n');
  symlinkSync(outside, path.join(declared, 'way-out'));
  symlinkSync(path.join(outside, 'secret.csv'), path.join(declared, 'way-out.csv'));
  return { declared: pathToFileURL(declared).href, outside, canaries };
}

/** Tokens that hold and tokens that do not. Answers the real ones, which must never be seen. */
export async function addTokens(
  live: Live,
  dataDir: string,
  admin: string,
  issuer: Awaited<ReturnType<typeof startOidcIssuer>>,
): Promise<(readonly [string, string])[]> {
  const create = async (name: string, granted: readonly string[]) => {
    const output = await run(
      'token',
      'create',
      name,
      '--data-dir',
      dataDir,
      ...granted.flatMap((grant) => ['--grant', grant]),
    );
    return { secret: /^tutti_\S+$/m.exec(output)?.[0] ?? '', id: /Token (\S+) of/.exec(output)?.[1] ?? '' };
  };
  const named = await Promise.all(
    (['writer', 'reader', 'narrow'] as const).map(
      async (name) => [name, (await create(name, grants[name])).secret] as const,
    ),
  );
  const revoked = await create('revoked', ['admin']);
  await run('token', 'revoke', revoked.id, '--data-dir', dataDir);

  const claims = { iss: issuer.url, sub: 'fuzz', aud: 'fuzz', scope: 'lake:read lake:write system:read system:write' };
  const [now, lasting] = [Math.floor(Date.now() / 1000), 4 * 3600];
  const jwt = await issuer.sign({ ...claims, iat: now, exp: now + lasting });
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const [name, secret] of [['admin', admin] as const, ...named]) live.add(name, secret);
  live.add('revoked', revoked.secret);
  live.add('jwt', jwt);
  live.add(
    'forged',
    await issuer.sign({ ...claims, iat: now - 900, exp: now - 600 }),
    await issuer.sign({ ...claims, aud: 'another', iat: now, exp: now + lasting }),
    await issuer.sign({ ...claims, iat: now, exp: now + lasting }, { kid: 'unknown' }),
    `${header}.${part({ ...claims, scope: 'admin', exp: now + lasting })}.${signature}`,
    `${part({ alg: 'none' })}.${payload}.`,
    `${part({ alg: 'RS256', jku: 'http://169.254.169.254/', x5u: 'http://127.0.0.1:1/', kid: '../x' })}.${payload}.${signature}`,
    `${part({ alg: 'HS256', kid: 'first', crit: ['x'] })}.${payload}.${signature}`,
    `${header}.${part([])}.${signature}`,
  );
  live.add(
    'garbage',
    'x',
    'tutti_',
    `tutti_${'a'.repeat(43)}`,
    `${admin}x`,
    'a.b.c',
    '..',
    'eyJ.eyJ.x',
    'é',
    'a'.repeat(5000),
  );
  return [['admin', admin] as const, ...named, ['revoked', revoked.secret] as const, ['jwt', jwt] as const].map(
    ([name, secret]) => [`the token ${name}`, secret] as const,
  );
}

/** The keys of the data directory: every long word of its small private files. */
export function keysOf(dataDir: string): (readonly [string, string])[] {
  const files = readdirSync(dataDir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name === 'keys'
      ? readdirSync(path.join(dataDir, 'keys')).map((name) => `keys/${name}`)
      : entry.name,
  );
  return files.flatMap((name) => {
    const file = path.join(dataDir, name);
    const { size, mode } = statSync(file);
    const isPrivate = statSync(file).isFile() && size < 10_000 && (mode & 0o077) === 0 && name !== 'server.json';
    const words = isPrivate ? (readFileSync(file, 'utf8').match(/[\w+/=-]{24,}/g) ?? []) : [];
    return words.map((word, at) => [`what is in ${name} (${at})`, word] as const);
  });
}

/** Runs the command, which must succeed. Answers what it prints. */
export async function run(...args: string[]): Promise<string> {
  const { code, output } = await runTutti(args);
  if (code !== 0) throw new Error(`tutti ${args[0]} ended with ${code}: ${output}`);
  return output;
}
