import { AlreadyRunning } from './core/db/server-lock.ts';
import { SettingsError } from './core/settings.ts';
import { version } from './core/version.ts';
import { runDaemon } from './daemon.ts';
import { mustShare } from './storage.ts';

/**
 * `tutti worker`: runs the jobs of the servers on its database, and serves nothing but its health and figures. On SIGTERM or
 * SIGINT it ends what ends in time and hands over the rest. Answers the exit code.
 */
export function worker(args: readonly string[]): Promise<number> {
  return runDaemon(args, {
    name: 'worker',
    purpose: 'runs the jobs of the servers on the same database, with the same settings.',
    async start(settings, log) {
      mustShare(settings);
      const { startWorker } = await import('./worker-process.ts');
      const { url, stop } = await startWorker(settings, log);
      process.stdout.write(`Tutti ${version} works.\n${url === undefined ? '' : `\n  Health  ${url}/readyz\n`}`);
      return stop;
    },
    failed(error, settings) {
      if (error instanceof SettingsError) return said(error.message, 2);
      if (!(error instanceof AlreadyRunning)) return undefined;
      if (error.reason === 'directory') {
        return said(`Another process has ${settings.data_dir}: give this one a --data-dir of its own.`, 1);
      }
      return said(
        'A server with local objects or indexes has this database. Set objects.s3_bucket and lake.indexes to s3 for it too.',
        1,
      );
    },
  });
}

function said(sentence: string, code: number): number {
  process.stderr.write(`${sentence}\n`);
  return code;
}
