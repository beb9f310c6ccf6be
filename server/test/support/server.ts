import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createToken } from '../../src/core/auth/tokens.ts';
import type { ErrorEnvelope } from '../../src/core/errors.ts';
import { createLog } from '../../src/core/log.ts';
import { readSettings } from '../../src/core/settings.ts';
import { startServer } from '../../src/main.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
export type Answer = { readonly status: number; readonly body: any };

export interface TestServer {
  readonly url: string;
  readonly admin: string;
  readonly database: TestDatabase;
  readonly dataDir: string;
  /** Calls a tool over REST; by default as administrator. */
  call(name: string, input?: unknown, token?: string): Promise<Answer>;
  /** Mints a token of a principal with these grants. */
  token(name: string, grants: readonly string[], expiresAt?: Date): Promise<{ id: string; secret: string }>;
  /** PUTs bytes to a presigned URL. */
  put(url: string, headers: Record<string, string>, body: string | Uint8Array): Promise<Answer>;
  stop(): Promise<void>;
}

/** Tests call as fast as they can; those of the limits set their own. */
const unlimited = ['--limits-calls-per-minute', '1000000', '--limits-failed-auth-per-minute', '1000000'];

/** The whole server of this process on a database and a data directory of its own. Outputs must meet their schemas. */
export async function startTestServer(flags: readonly string[] = []): Promise<TestServer> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'tutti-server-'));
  const settings = readSettings(
    [
      '--port',
      '0',
      '--data-dir',
      dataDir,
      '--database-url',
      database.url,
      '--jobs-drain-s',
      '1',
      ...unlimited,
      ...flags,
    ],
    {},
  );
  const server = await startServer(settings, createLog('error'), { strictOutputs: true });
  const admin = (await readFile(server.tokenFile, 'utf8')).trim();
  return {
    url: server.url,
    admin,
    database,
    dataDir,
    call: (name, input = {}, token = admin) =>
      answer(
        fetch(`${server.url}/tools/${name}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(input),
        }),
      ),
    token: (name, grants, expiresAt = new Date(Date.now() + 3_600_000)) =>
      createToken(database.db, { name, grants, expiresAt }),
    put: (url, headers, body) => answer(fetch(url, { method: 'PUT', headers, body: body })),
    async stop() {
      await server.stop();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
      await rm(`${dataDir}-servers`, { recursive: true, force: true });
    },
  };
}

async function answer(response: Promise<Response>): Promise<Answer> {
  const done = await response;
  const text = await done.text();
  // An object store answers an upload with nothing, or in XML.
  const json = done.headers.get('content-type')?.includes('json') && text !== '';
  return { status: done.status, body: json ? JSON.parse(text) : text };
}

export type Failure = ErrorEnvelope;
