import { type EngineOps, MAX_REJECTS, type ObjectCheck, type OnProgress, type Reject } from './protocol.ts';
import { readObject } from './read-objects.ts';

/**
 * Reads every object to its end and counts good and broken rows. `rows` + `rejected` is the number of records in the
 * file; only the first 100 rejects of an object are listed.
 */
export async function checkObjects(
  input: EngineOps['check']['input'],
  memoryMb: number,
  onProgress: OnProgress,
): Promise<EngineOps['check']['output']> {
  const objects: ObjectCheck[] = [];
  let seen = 0;
  for (const object of input.objects) {
    const reader = await readObject(object, { columns: input.columns, withJson: false, memoryMb });
    const rejects: Reject[] = [];
    let rows = 0;
    let rejected = 0;
    for await (const batch of reader.batches()) {
      rows += batch.rows.length;
      rejected += batch.rejects.length;
      rejects.push(...batch.rejects.slice(0, MAX_REJECTS - rejects.length));
      seen += batch.rows.length + batch.rejects.length;
      onProgress({ rows: seen });
    }
    objects.push({ key: object.key, rows, rejected, rejects, columns: reader.columns });
  }
  return { objects };
}
