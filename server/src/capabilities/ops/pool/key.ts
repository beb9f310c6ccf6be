import { createHash } from 'node:crypto';
import { type ContainerSpec, containerOptions } from '../runner/profile.ts';

/** What makes one container as good as another: the image and all of the profile, but what each has of its own. */
export type PoolSpec = Omit<ContainerSpec, 'name' | 'uid' | 'kind' | 'job' | 'expires'>;

/** The same for specs whose containers are the same. A change of the profile or of what runs in them changes it too. */
export function poolKey(spec: PoolSpec): string {
  const options = containerOptions({ ...spec, name: 'tutti-key', uid: 10_000, kind: 'pool', expires: new Date(0) });
  return createHash('sha256').update(JSON.stringify(options)).digest('hex');
}
