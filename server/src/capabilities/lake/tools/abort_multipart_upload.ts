import { z } from 'zod';
import { lockInTransaction } from '../../../core/db/database.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { deleteUpload } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { uploadId } from '../uploads/multipart.ts';
import { deleteMultipart, findMultipart } from '../uploads/store.ts';

export const abortMultipartUpload = (objects: ObjectStore) =>
  tool({
    name: 'abort_multipart_upload',
    title: 'Abort an upload in parts',
    description:
      'Tutti lake: forgets an upload of create_multipart_upload with all parts that arrived. One that was completed stays: remove_dataset_object takes its object away.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: { upload_id: uploadId },
    output: z.looseObject({
      aborted: z.boolean().describe('Whether it was aborted now; false when it was gone or completed before.'),
    }),
    async run({ upload_id }, { db }) {
      await lockInTransaction(db, 'lake.multipart', upload_id);
      const row = await findMultipart(db, upload_id);
      if (!row || row.completed) return { aborted: false };
      await objects.abortParts(row.id, row.handle);
      await deleteUpload(db, row.id);
      await deleteMultipart(db, row.id);
      return { aborted: true };
    },
  });
