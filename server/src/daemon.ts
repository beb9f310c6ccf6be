import { constants } from 'node:os';
import { makeDataDir } from './core/data-dir.ts';
import { AppError } from './core/errors.ts';
import { createLog, type Logger } from './core/log.ts';
import { describeSettings, readSettings, type Settings, SettingsError } from './core/settings.ts';

/** How long after the signal to stop a second one means to stop now. */
const impatientAfterMs = 1000;

export interface Daemon {
  /** The command, such as `serve`. */
  readonly name: string;
  /** What it does, for its help. */
  readonly purpose: string;
  /** Starts it, says where it is, and answers how to stop it. */
  start(settings: Settings, log: Logger): Promise<() => Promise<void>>;
  /** The exit code for a failure of the start that this command has its own words for; undefined for any other. */
  failed?(error: unknown, settings: Settings): number | undefined;
}

/** Runs a command that goes on until SIGTERM or SIGINT and then stops in order. Answers the exit code. */
export async function runDaemon(args: readonly string[], daemon: Daemon): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help(daemon));
    return 0;
  }
  const settings = parse(args);
  if (!settings) return 2;
  const log = createLog(settings.log_level);
  try {
    const stopped = stopSignal();
    makeDataDir(settings.data_dir);
    const stop = await daemon.start(settings, log);
    log.info({ signal: await stopped }, 'stopping');
    await stop();
    return 0;
  } catch (error) {
    const code = daemon.failed?.(error, settings);
    if (code !== undefined) return code;
    log.error({ error }, `tutti ${daemon.name} did not start`);
    process.stderr.write(`Tutti could not start: ${sentences(error)}\n`);
    return 1;
  }
}

function sentences(error: unknown): string {
  if (error instanceof AppError) return `${error.message} ${error.suggestion}`;
  return error instanceof Error ? error.message : String(error);
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

/** The signal that asks for a stop. One that comes a while after it ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        askedAt ??= Date.now();
        resolve(signal);
        // An interrupt at the terminal reaches this process twice: by itself, and handed on by the one that started it.
        if (Date.now() - askedAt > impatientAfterMs) process.exit(128 + constants.signals[signal]);
      });
    }
  });
}

function help({ name, purpose }: Daemon): string {
  const settings = describeSettings().map(({ flag, variable, description, default: value }) => {
    const shown = value === undefined || (Array.isArray(value) && value.length === 0) ? '' : ` (default: ${value})`;
    return `  --${flag}\n      ${description}${shown}\n      Variable: ${variable}\n`;
  });
  return `tutti ${name}: ${purpose}

Settings come from flags, then TUTTI_* variables, then tutti.yaml in the data directory (or --config <file>).

${settings.join('\n')}`;
}
