import { setFlagsFromString } from 'node:v8';
import { readServerInfo } from './core/data-dir.ts';
import { openEmbedded } from './core/db/embedded.ts';
import { AlreadyRunning } from './core/db/server-lock.ts';
import { version } from './core/version.ts';
import { runDaemon } from './daemon.ts';

/** `tutti serve`: starts the server, says where it is, and stops it in order on SIGTERM or SIGINT. Answers the exit code. */
export function serve(args: readonly string[]): Promise<number> {
  return runDaemon(args, {
    name: 'serve',
    purpose: 'starts the server.',
    async start(settings, log) {
      // PostgreSQL starts while the rest of the code is loaded, which takes about as long.
      const postgres = settings.database_url ? undefined : openEmbedded(settings.data_dir, log);
      postgres?.catch(() => undefined); // startServer reports it
      // V8 would keep a young generation as large as loading the code made it, 10 MB and more of an idle server. Afterwards
      // it may grow as ever (2 is V8's default): under load it is as fast.
      setFlagsFromString('--semi-space-growth-factor=1');
      const { startServer } = await import('./main.ts');
      const server = await startServer(settings, log, postgres ? { postgres } : {});
      setFlagsFromString('--semi-space-growth-factor=2');
      process.stdout.write(settings.read_only ? welcomeReaders(server.url) : welcome(server.url, server.tokenFile));
      return server.stop;
    },
    failed: (error, settings) =>
      error instanceof AlreadyRunning ? alreadyRunning(error, settings.data_dir) : undefined,
  });
}

function alreadyRunning(error: AlreadyRunning, dataDir: string): number {
  if (error.reason === 'directory') {
    process.stdout.write(
      `Tutti already serves ${dataDir} at ${readServerInfo(dataDir)?.url ?? 'an address that it has not told yet'}\n`,
    );
    return 0;
  }
  process.stderr.write(
    'Another server uses this database, and one of the two has local objects or indexes. Several servers need both on S3: set objects.s3_bucket and lake.indexes to s3 for all of them.\n',
  );
  return 1;
}

function welcomeReaders(url: string): string {
  return `Tutti ${version} is ready, and only reads.

  MCP     ${url}/mcp
  Docs    ${url}/docs

Its tokens are those of the server that writes.
`;
}

function welcome(url: string, tokenFile: string): string {
  return `Tutti ${version} is ready.

  MCP     ${url}/mcp
  Docs    ${url}/docs
  Token   ${tokenFile}

Connect a client with a token of its own (claude-code, codex, vscode or cursor); it shows first what it would write:
  tutti connect claude-code
`;
}
