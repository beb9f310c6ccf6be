import type { Settings } from '../../../core/settings.ts';
import type { Network, Resources } from '../contract.ts';
import { networkNotAllowed, overLimit } from './errors.ts';
import type { Submission } from './submission.ts';

/** What the operator lets jobs have. */
export interface Limits {
  readonly timeout: number;
  readonly resources: Resources;
  readonly networks: readonly Network[];
}

const usual: Resources = { memory_mb: 256, cpus: 1, pids: 128, work_mb: 128 };

export function limitsFrom(settings: Settings): Limits {
  return {
    timeout: settings['ops.max_timeout_s'],
    resources: {
      memory_mb: settings['ops.max_memory_mb'],
      cpus: settings['ops.max_cpus'],
      pids: settings['ops.max_pids'],
      work_mb: settings['ops.max_work_mb'],
    },
    networks: settings['ops.networks'],
  };
}

/** What a job gets: what it asks for, else the usual as far as that is allowed. Throws LIMIT_EXCEEDED, NETWORK_NOT_ALLOWED. */
export function grantedResources({ resources = {}, timeout, network }: Submission, limits: Limits): Resources {
  if (timeout > limits.timeout) throw overLimit('timeout', timeout, limits.timeout);
  if (!limits.networks.includes(network)) throw networkNotAllowed(network, limits.networks);
  const granted = (field: keyof Resources): number => {
    const [asked, most] = [resources[field], limits.resources[field]];
    if (asked !== undefined && asked > most) throw overLimit(field, asked, most);
    return asked ?? Math.min(usual[field], most);
  };
  return {
    memory_mb: granted('memory_mb'),
    cpus: granted('cpus'),
    pids: granted('pids'),
    work_mb: granted('work_mb'),
  };
}
