import { Readable } from 'node:stream';
import { inParallel } from '../../../core/in-parallel.ts';
import { holdObject, keepFromCollector } from '../../../core/objects/holds/store.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { ToolContext } from '../../../core/tool.ts';
import type { InputFileRef } from '../contract.ts';
import { invalidPath } from '../errors.ts';
import { checkFilePath } from '../paths.ts';
import type { InputFile } from './submission.ts';

/**
 * Pins the files of a job, for its holder: given ones are stored, those of datasets are found by the lake's own tool, with the
 * caller's rights and at the version of now. Throws INVALID_PATH, and what that tool throws.
 */
export async function pinInputFiles(
  files: readonly InputFile[],
  holder: string,
  objects: ObjectStore,
  { db, tools }: Pick<ToolContext, 'db' | 'tools'>,
): Promise<InputFileRef[]> {
  if (files.length === 0) return [];
  const paths = new Set<string>();
  for (const { path } of files) {
    checkFilePath(path);
    if (paths.has(path)) throw invalidPath(path, 'is given twice');
    paths.add(path);
  }
  await keepFromCollector(db);
  const pinned = await inParallel(files, 4, async ({ path, executable = false, ...source }): Promise<InputFileRef> => {
    const { dataset_id, object_key, version, text, base64 } = source;
    if (dataset_id !== undefined) {
      const found = await tools.call('create_presigned_download', { dataset_id, object_key, version });
      return { path, executable, sha256: String(found.sha256), size: Number(found.size) };
    }
    const bytes = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
    const staged = await objects.stage('input', { body: Readable.from([bytes]), size: bytes.length });
    await objects.pin(staged);
    await objects.discard(staged.stagingKey);
    return { path, executable, sha256: staged.sha256, size: staged.size };
  });
  for (const { sha256 } of pinned) await holdObject(db, holder, sha256);
  return pinned;
}
