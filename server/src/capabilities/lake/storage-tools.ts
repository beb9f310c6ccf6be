import type { JobEngine } from '../../core/jobs/engine.ts';
import type { ObjectStore } from '../../core/objects/object-store.ts';
import type { Cursors } from '../../core/page.ts';
import type { Tool } from '../../core/tool.ts';
import { abortMultipartUpload } from './tools/abort_multipart_upload.ts';
import { collectGarbage } from './tools/collect_garbage.ts';
import { completeMultipartUpload } from './tools/complete_multipart_upload.ts';
import { createMultipartUpload } from './tools/create_multipart_upload.ts';
import { createPresignedDownload } from './tools/create_presigned_download.ts';
import { createPresignedParts } from './tools/create_presigned_parts.ts';
import { deleteDataset } from './tools/delete_dataset.ts';
import { deleteVersion } from './tools/delete_version.ts';
import { diffVersions } from './tools/diff_versions.ts';
import { getLineage } from './tools/get_lineage.ts';
import { getVersion } from './tools/get_version.ts';
import { listUploadParts } from './tools/list_upload_parts.ts';
import { listVersions } from './tools/list_versions.ts';
import { removeDatasetObject } from './tools/remove_dataset_object.ts';
import { rollbackDataset } from './tools/rollback_dataset.ts';
import { updateDataset } from './tools/update_dataset.ts';

export interface StorageNeeds {
  readonly objects: ObjectStore;
  readonly cursors: Cursors;
  readonly jobs: JobEngine;
  /** Seconds that a presigned URL holds. */
  readonly ttlS: number;
  /** The largest object. */
  readonly maxBytes: number;
}

/** The tools of datasets, their objects and versions beyond the common path. */
export function storageTools(needs: StorageNeeds): Tool[] {
  const { objects, cursors, jobs, ttlS } = needs;
  return [
    updateDataset(),
    deleteDataset(),
    removeDatasetObject(objects),
    createMultipartUpload(needs),
    createPresignedParts(needs),
    listUploadParts(cursors, objects),
    completeMultipartUpload(objects),
    abortMultipartUpload(objects),
    createPresignedDownload(objects, ttlS),
    listVersions(cursors),
    getVersion(cursors),
    diffVersions(cursors),
    rollbackDataset(jobs),
    deleteVersion(),
    getLineage(cursors),
    collectGarbage(jobs),
  ];
}
