import { createOrchestraAccess } from './capabilities/orchestra/access.ts';
import { orchestraErrors } from './capabilities/orchestra/errors.ts';
import { AppError, addErrorCodes } from './core/errors.ts';
import type { Settings } from './core/settings.ts';
import type { Check } from './doctor-check.ts';

const name = 'orchestra';
const patienceS = 10;

/** Whether the key of Orchestra is set, and whether the platform takes it: one look at the newest runs. */
export async function checkOrchestra(settings: Settings): Promise<Check> {
  const reference = settings['orchestra.api_key'];
  if (reference === undefined) {
    const message = 'No API key of Orchestra is set. To have one: set ORCHESTRA_API_KEY or ORCHESTRA_API_KEY_FILE.';
    return { name, state: 'skip', message };
  }
  addErrorCodes(orchestraErrors);
  const hasty = { ...settings, 'orchestra.timeout_s': Math.min(patienceS, settings['orchestra.timeout_s']) };
  const access = createOrchestraAccess(hasty);
  try {
    const api = await access.open({});
    const { to } = api.rangeOf();
    await api.runs({ from: to - 60_000, to }).next();
    return { name, state: 'ok', message: `The key is set, and Orchestra takes it at ${api.site}.` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const set = error.code === 'ORCHESTRA_NOT_CONFIGURED' ? '' : 'The key is set. ';
    return { name, state: 'fail', message: `${set}${error.message} (${error.code})`, suggestion: error.suggestion };
  } finally {
    await access.close();
  }
}
