import { findCommand } from './capabilities/workflows/downstream/isolation/find-command.ts';
import { findWalls } from './capabilities/workflows/downstream/isolation/walls.ts';
import type { Settings } from './core/settings.ts';
import type { DownstreamServer } from './core/workflows-settings.ts';
import type { Check } from './doctor-check.ts';

const name = 'servers';

/** The downstream servers of workflows, by looking alone: that their programs are there, and what keeps them in. */
export async function checkServers(settings: Settings, added: readonly DownstreamServer[]): Promise<Check> {
  const declared = settings['workflows.servers'];
  const all = [...declared, ...added.filter((one) => !declared.some((other) => other.name === one.name))];
  if (all.length === 0) return { name, state: 'ok', message: 'No downstream servers are declared.' };
  const missing = all.filter(({ command }) => command !== undefined && findCommand(command) === undefined);
  if (missing.length > 0) {
    const programs = missing.map((one) => `${one.command} of ${one.name}`).join(', ');
    const suggestion = 'Install it, or name it by its absolute path.';
    return { name, state: 'fail', message: `These programs are not found: ${programs}.`, suggestion };
  }
  const names = `${all.length} declared: ${all.map((one) => one.name).join(', ')}.`;
  const commands = all.filter(({ command }) => command !== undefined);
  if (commands.length === 0) return { name, state: 'ok', message: names };
  return checkWalls(names, commands);
}

async function checkWalls(names: string, commands: readonly DownstreamServer[]): Promise<Check> {
  const { kind } = await findWalls();
  const free = commands.filter(({ isolation }) => isolation === 'none').map((one) => one.name);
  if (kind === 'nothing' && free.length < commands.length) {
    const suggestion = 'Allow user namespaces, run Tutti as root, or say isolation: none for those that are trusted.';
    return {
      name,
      state: 'fail',
      message: `${names} Nothing on this machine would keep them from our data.`,
      suggestion,
    };
  }
  if (free.length > 0) {
    const message = `${names} Without isolation: ${free.join(', ')}.`;
    return {
      name,
      state: 'warn',
      message,
      suggestion: 'Such a server can read all that Tutti can: trust it, or isolate it.',
    };
  }
  const how = kind === 'namespaces' ? 'namespaces' : 'users of their own';
  return { name, state: 'ok', message: `${names} Those that are commands are kept in by ${how}.` };
}
