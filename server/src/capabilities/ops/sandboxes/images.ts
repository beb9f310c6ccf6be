import type { Engine } from '../docker/client.ts';
import { inspectImage } from '../docker/images.ts';
import { noImage } from '../errors.ts';

/** The id of an image that a service runs: by it no tag moves, and compose never pulls. Throws IMAGE_NOT_FOUND. */
export async function imageForService(engine: Engine, image: string): Promise<string> {
  const facts = await inspectImage(engine, image);
  if (!facts) throw noImage(image);
  return facts.id;
}
