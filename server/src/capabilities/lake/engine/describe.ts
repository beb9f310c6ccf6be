import type { EngineOps } from './protocol.ts';
import { readObject } from './read-objects.ts';

/** Names and types of each object's columns, found by looking at the first 20,000 rows. */
export async function describeObjects(
  input: EngineOps['describe']['input'],
  memoryMb: number,
): Promise<EngineOps['describe']['output']> {
  const objects = [];
  for (const object of input.objects) {
    const { columns } = await readObject(object, { withJson: false, memoryMb });
    objects.push({ key: object.key, format: object.format, columns });
  }
  return { objects };
}
