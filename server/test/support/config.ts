import { execFileSync, spawnSync } from 'node:child_process';
import { verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { pae } from '../../src/capabilities/config/integrity/sign.ts';
import type { Answer, TestServer } from './server.ts';

/** A neutral draft of one server by HTTP, with what a test adds. */
export const draftOf = (...servers: readonly Record<string, unknown>[]) => ({
  inputs: [{ id: 'token', description: 'Token of the wiki', secret: true }],
  servers: [
    {
      name: 'wiki',
      transport: 'http',
      url: 'https://wiki.example.com/mcp',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the neutral form
      headers: { Authorization: 'Bearer ${input:token}' },
    },
    ...servers,
  ],
});

export const filesServer = (version = '1.0.0') => ({
  name: 'files',
  transport: 'stdio',
  command: 'npx',
  args: ['-y', `@example/files@${version}`],
});

/** Tokens of the people around a configuration, by role. */
async function people(server: TestServer) {
  const token = async (name: string, ...grants: string[]) => (await server.token(name, grants)).secret;
  return {
    owner: await token('olga', 'config-owner'),
    publisher: await token('pia', 'config-publisher'),
    approver: await token('anna', 'config-approver'),
    second: await token('aron', 'config-approver'),
    auditor: await token('audrey', 'config-auditor'),
    client: await token('cleo', 'config-client'),
  };
}

/** Whether these programs are on this machine. */
export const hasPrograms = (...names: readonly string[]): boolean =>
  names.every((name) => spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0);

/** LibreSSL, which goes by the same name on some systems, verifies no Ed25519. */
export const hasOpenssl = /^OpenSSL 3/.test(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '');

/**
 * What `openssl` says of a signature over a document: it knows nothing of us but the key and the bytes. Where there is none,
 * what Node says.
 */
export function opensslVerifies(
  payloadType: string,
  bytes: Buffer,
  signature: { readonly alg: string; readonly value: string },
  publicKey: string,
): boolean {
  if (!hasOpenssl) {
    const digest = signature.alg === 'Ed25519' ? null : (signature.alg.split('-').at(-1)?.toLowerCase() ?? '');
    return verify(digest, pae(payloadType, bytes), publicKey, Buffer.from(signature.value, 'base64'));
  }
  const directory = mkdtempSync(path.join(tmpdir(), 'tutti-openssl-'));
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(path.join(directory, name), content);
    return path.join(directory, name);
  };
  const signed = file('signed', pae(payloadType, bytes));
  const value = file('signature', Buffer.from(signature.value, 'base64'));
  const key = file('key.pem', publicKey);
  const args =
    signature.alg === 'Ed25519'
      ? ['pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-in', signed, '-sigfile', value]
      : ['dgst', `-${signature.alg.split('-').at(-1)?.toLowerCase()}`, '-verify', key, '-signature', value, signed];
  try {
    execFileSync('openssl', args, { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The body of an answer that must be a good one. */
export async function ok(answer: Promise<Answer>) {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body).slice(0, 1500)).toBe(200);
  return body;
}

/** The code of an answer that must be an error. */
export async function refused(answer: Promise<Answer>): Promise<string> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body).slice(0, 300)).toBeGreaterThanOrEqual(400);
  return body.error.code;
}

/** Calls about the configurations of one client family, each by whoever would make it. */
export async function configOf(server: TestServer, client_id: string) {
  const who = await people(server);
  return {
    who,
    profile: (name: string, more: Record<string, unknown> = {}, of = client_id) =>
      ok(server.call('put_config_profile', { client_id: of, profile: name, ...more }, who.owner)),
    publish: (profile: string, draft_payload: unknown, more: Record<string, unknown> = {}) =>
      server.call('publish_config', { client_id, profile, draft_payload, ...more }, who.publisher),
    get: (profile: string, more: Record<string, unknown> = {}) =>
      ok(server.call('get_config', { client_id, profile, ...more }, who.client)),
  };
}
