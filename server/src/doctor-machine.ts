import { createEnginePool } from './capabilities/lake/engine/pool.ts';
import { AppError } from './core/errors.ts';
import { createLog } from './core/log.ts';
import type { Settings } from './core/settings.ts';
import type { Check } from './doctor-check.ts';

const oldest = [22, 18] as const;

export function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const message = `Node ${process.versions.node} on ${process.platform} ${process.arch}.`;
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return { name: 'node', state: 'ok', message };
  return { name: 'node', state: 'fail', message, suggestion: `Install Node ${oldest.join('.')} or newer.` };
}

/** Whether DuckDB and LanceDB load, in a child process as they do for the server. */
export async function checkEngines(settings: Settings): Promise<Check> {
  const engines = createEnginePool({
    size: 1,
    memoryMb: settings['lake.engine_memory_mb'],
    timeoutMs: 30_000,
    idleMs: 1000,
    log: createLog('silent'),
  });
  try {
    await engines.run('probe', {});
    return { name: 'engines', state: 'ok', message: 'DuckDB and LanceDB load.' };
  } catch (error) {
    return {
      name: 'engines',
      state: 'fail',
      message: `DuckDB or LanceDB does not load: ${error instanceof AppError ? error.message : String(error)}`,
      suggestion: 'Install again with optional packages (npm install --include=optional); musl and old CPUs have none.',
    };
  } finally {
    await engines.close();
  }
}
