import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askToken, controlSocket } from './bridge-control.ts';
import { readBridgeEnvironment } from './settings.ts';

let directory: string;
let server: Server | undefined;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tutti-ask-'));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

async function answering(answer: object): Promise<{ socketPath: string; heard: string[] }> {
  const socketPath = path.join(directory, 'control.sock');
  const heard: string[] = [];
  server = createServer((socket) => {
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(`${JSON.stringify(answer)}\n`);
    });
    socket.on('close', () => heard.push('end'));
  });
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
  return { socketPath, heard };
}

test('asks once, and keeps the connection while the token is in use', async () => {
  const expires_at = new Date(Date.now() + 60_000).toISOString();
  const { socketPath, heard } = await answering({ url: 'http://x', token: 't', expires_at });
  const grant = await askToken(socketPath, { toolsets: ['lake'], variables: { ORCHESTRA_API_KEY: 'k' } });
  expect(grant).toMatchObject({ url: 'http://x', token: 't' });
  expect(grant?.holds()).toBe(true);
  const asked = { ask: 'token', toolsets: ['lake'], variables: { ORCHESTRA_API_KEY: 'k' } };
  expect(heard).toEqual([`${JSON.stringify(asked)}\n`]);
  grant?.close();
  await expect.poll(() => heard.at(-1)).toBe('end');
  expect(grant?.holds()).toBe(false);
});

test('a token about to expire holds no longer', async () => {
  const { socketPath } = await answering({ url: 'http://x', token: 't', expires_at: new Date().toISOString() });
  const grant = await askToken(socketPath, {});
  expect(grant?.holds()).toBe(false);
  grant?.close();
});

test('where nobody listens there is none; a refusal is thrown', async () => {
  expect(await askToken(path.join(directory, 'control.sock'), {})).toBeUndefined();
  const error = { code: 'BAD_REQUEST', message: 'No.', suggestion: 'Ask.', retryable: false };
  const { socketPath } = await answering({ success: false, error });
  await expect(askToken(socketPath, {})).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('nothing is said to what somebody else could have put there', async () => {
  const { socketPath, heard } = await answering({});
  await chmod(directory, 0o777);
  await expect(askToken(socketPath, {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await chmod(directory, 0o700);
  await writeFile(path.join(directory, 'file'), '');
  await expect(askToken(path.join(directory, 'file'), {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(heard).toEqual([]);
});

test('the note of the server says where its socket is', async () => {
  expect(controlSocket(directory)).toBe(path.join(directory, 'control.sock'));
  await writeFile(path.join(directory, 'server.json'), '{"control": "/elsewhere/control.sock"}');
  expect(controlSocket(directory)).toBe('/elsewhere/control.sock');
});

test('capability variables are for the connection, not for a server that is started', () => {
  const env = { ORCHESTRA_API_KEY: 'k', ORCHESTRA_API_BASE_URL: '', TUTTI_TOKEN: 't', TUTTI_PORT: '0', PATH: '/bin' };
  const { variables, forServer } = readBridgeEnvironment(env);
  expect(variables).toEqual({ ORCHESTRA_API_KEY: 'k' });
  expect(forServer).toEqual({ TUTTI_PORT: '0', PATH: '/bin' });
});
