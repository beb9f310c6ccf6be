import { execFile } from 'node:child_process';
import { verify } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SigningKey {
  readonly key_id: string;
  readonly public_key: string;
}

/**
 * What `openssl` says of an Ed25519 signature over a document (DSSE), by files in `folder`. Where there is no OpenSSL 3, for
 * others by that name verify no Ed25519, what Node says.
 */
export async function verifyByOpenssl(
  folder: string,
  kind: 'artifact' | 'release',
  bytes: Buffer,
  signature: { readonly value: string; readonly key_id: string },
  keys: readonly SigningKey[],
): Promise<{ holds: boolean; by: string }> {
  const type = `application/vnd.tutti.config.${kind}+json`;
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${bytes.length} `), bytes]);
  const value = Buffer.from(signature.value, 'base64');
  const key = keys.find(({ key_id }) => key_id === signature.key_id)?.public_key ?? '';
  const version = await run('openssl', ['version']).then(
    ({ stdout }) => /^OpenSSL 3\S*|/.exec(stdout)?.[0],
    () => '',
  );
  if (!version) return { holds: verify(null, signed, key, value), by: 'node:crypto, for want of OpenSSL 3,' };
  await mkdir(folder, { recursive: true });
  const file = (name: string) => path.join(folder, name);
  await Promise.all([
    writeFile(file('signed'), signed),
    writeFile(file('signature'), value),
    writeFile(file('key.pem'), key),
  ]);
  const args = ['-inkey', file('key.pem'), '-rawin', '-in', file('signed'), '-sigfile', file('signature')];
  const holds = await run('openssl', ['pkeyutl', '-verify', '-pubin', ...args]).then(
    () => true,
    () => false,
  );
  return { holds, by: version };
}
