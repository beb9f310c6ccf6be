import { command } from './command.ts';
import { readSettings, type Settings, SettingsError, settingSources } from './core/settings.ts';
import type { Check } from './doctor-check.ts';
import { checkDataDir, checkDisk, checkKeys, checkPort } from './doctor-data.ts';
import { checkDatabase } from './doctor-database.ts';
import { checkDocker } from './doctor-docker.ts';
import { checkEngines, checkNode } from './doctor-machine.ts';
import { checkOrchestra } from './doctor-orchestra.ts';
import { checkWalls } from './doctor-walls.ts';

const help = `tutti doctor: checks this machine, the data directory and the server, and says what to do.

  tutti doctor [--json]

It changes nothing, starts no server, and works with and without one. Exits with 0 when nothing is wrong, else with 1.

  --data-dir, --database-url, --config   as for tutti serve
`;

/** `tutti doctor`. Answers the exit code. */
export const doctor = command(help, { json: { type: 'boolean' } }, async ({ json, help: _, ...place }, words) => {
  if (words.length > 0) return undefined;
  const checks = await examine(Object.entries(place).map(([name, value]) => `--${name}=${value}`));
  const ok = checks.every((check) => check.state !== 'fail');
  process.stdout.write(json ? `${JSON.stringify({ ok, checks }, null, 2)}\n` : asText(checks));
  return ok ? 0 : 1;
});

async function examine(place: readonly string[]): Promise<Check[]> {
  const settings = readOrSay(place);
  if (!('data_dir' in settings)) return [checkNode(), settings];
  const [database, port, engines, docker, walls, orchestra] = await Promise.all([
    checkDatabase(settings),
    checkPort(settings),
    checkEngines(settings),
    checkDocker(settings),
    checkWalls(settings),
    checkOrchestra(settings),
  ]);
  return [
    checkNode(),
    checkSettings(place),
    ...checkDataDir(settings),
    ...checkKeys(settings),
    checkDisk(settings),
    engines,
    docker,
    walls,
    orchestra,
    port,
    ...database,
  ];
}

function readOrSay(place: readonly string[]): Settings | Check {
  try {
    return readSettings(place);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return {
      name: 'settings',
      state: 'fail',
      message: error.message,
      suggestion: 'Correct it; see tutti serve --help.',
    };
  }
}

function checkSettings(place: readonly string[]): Check {
  const sources = Object.entries(settingSources(place)).map(([name, source]) => `${name} (${source})`);
  const message = sources.length > 0 ? `Set: ${sources.join(', ')}.` : 'All settings have their defaults.';
  return { name: 'settings', state: 'ok', message };
}

function asText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.map(({ name, state, message, suggestion }) => {
    const line = `${state.padEnd(4)}  ${name.padEnd(width)}  ${message}\n`;
    return suggestion ? `${line}${' '.repeat(width + 8)}→ ${suggestion}\n` : line;
  });
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const [failed, warned] = [count('fail'), count('warn')];
  const verdict = failed + warned === 0 ? 'All is well.' : `Problems: ${failed}. Warnings: ${warned}.`;
  return `${lines.join('')}\n${verdict}\n`;
}
