import type { Resources } from '../contract.ts';
import { isListed } from '../images/allow-list.ts';
import { parseImage } from '../images/reference.ts';
import type { Limits } from '../policy/ceilings.ts';
import { imageOverLimit, networkNotAllowed, overLimit } from './errors.ts';
import type { Submission } from './submission.ts';

const usual: Resources = { memory_mb: 256, cpus: 1, pids: 128, work_mb: 128 };

type Asked = Pick<Submission, 'image' | 'resources' | 'timeout' | 'network'>;

/** What a job gets: what it asks for, else the usual as far as that is allowed. Throws LIMIT_EXCEEDED, NETWORK_NOT_ALLOWED. */
export function grantedResources({ image, resources = {}, timeout, network }: Asked, limits: Limits): Resources {
  if (timeout > limits.timeout) throw overLimit('timeout', timeout, limits.timeout);
  if (!limits.networks.includes(network)) throw networkNotAllowed(network, limits.networks);
  const reference = parseImage(image);
  if (limits.images && !(reference && isListed(reference, limits.images.patterns)))
    throw imageOverLimit(image, limits.images.names);
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
