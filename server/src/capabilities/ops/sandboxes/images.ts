import type { Engine } from '../docker/client.ts';
import type { Images } from '../images/images.ts';

/** The id of an image that a service runs: by it no tag moves, and compose never pulls. Throws as `ensure` of images does. */
export async function imageForService(
  images: Images,
  engine: Engine,
  image: string,
  signal: AbortSignal,
): Promise<string> {
  return (await images.ensure(engine, image, { signal })).id;
}
