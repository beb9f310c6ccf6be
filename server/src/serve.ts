import { makeDataDir, readServerInfo } from './core/data-dir.ts';
import { openEmbedded } from './core/db/embedded.ts';
import { AlreadyRunning } from './core/db/server-lock.ts';
import { createLog } from './core/log.ts';
import { describeSettings, readSettings, SettingsError } from './core/settings.ts';
import { version } from './core/version.ts';

/** `tutti serve`: starts the server, says where it is, and stops it in order on SIGTERM or SIGINT. Answers the exit code. */
export async function serve(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help());
    return 0;
  }
  const settings = parse(args);
  if (!settings) return 2;
  const log = createLog(settings.log_level);
  try {
    const stopped = stopSignal();
    makeDataDir(settings.data_dir);
    // PostgreSQL starts while the rest of the code is loaded, which takes about as long.
    const postgres = settings.database_url ? undefined : openEmbedded(settings.data_dir, log);
    postgres?.catch(() => undefined); // startServer reports it
    const { startServer } = await import('./main.ts');
    const server = await startServer(settings, log, postgres ? { postgres } : {});
    process.stdout.write(welcome(server.url, server.tokenFile));
    log.info({ signal: await stopped }, 'stopping');
    await server.stop();
    return 0;
  } catch (error) {
    if (error instanceof AlreadyRunning) return alreadyRunning(error, settings.data_dir);
    log.error({ error }, 'the server did not start');
    process.stderr.write(`Tutti could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function parse(args: readonly string[]) {
  try {
    return readSettings(args);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

function alreadyRunning(error: AlreadyRunning, dataDir: string): number {
  if (error.reason === 'directory') {
    process.stdout.write(
      `Tutti already serves ${dataDir} at ${readServerInfo(dataDir)?.url ?? 'an address that it has not told yet'}\n`,
    );
    return 0;
  }
  process.stderr.write('Another server uses this database with local objects; several servers need objects on S3.\n');
  return 1;
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

function help(): string {
  const settings = describeSettings().map(({ flag, variable, description, default: value }) => {
    const shown = value === undefined || (Array.isArray(value) && value.length === 0) ? '' : ` (default: ${value})`;
    return `  --${flag}\n      ${description}${shown}\n      Variable: ${variable}\n`;
  });
  return `tutti serve: starts the server.

Settings come from flags, then TUTTI_* variables, then tutti.yaml in the data directory (or --config <file>).

${settings.join('\n')}`;
}
