import { z } from 'zod';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { multipart, partCount, uploadId } from '../uploads/multipart.ts';

export const listUploadParts = (cursors: Cursors, objects: ObjectStore) =>
  tool({
    name: 'list_upload_parts',
    title: 'List the parts of an upload',
    description:
      'Tutti lake: lists the parts that arrived of an upload of create_multipart_upload, by number, with the etags that complete_multipart_upload takes. To go on with an upload that broke off, send the others to URLs of create_presigned_parts.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: { upload_id: uploadId, ...pageFields },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            part_number: z.number().describe('Its place in the object, from 1.'),
            size: z.number().describe('Bytes.'),
            etag: z.string().describe('What complete_multipart_upload takes for it.'),
          }),
        )
        .describe('The parts that arrived.'),
      arrived: z.number().describe('How many parts arrived.'),
      part_count: z.number().optional().describe('How many there are in all; absent where the size is not known.'),
      completed: z.boolean().describe('Whether the upload was completed; then there are no parts any more.'),
      next_page: nextPageField,
    }),
    async run({ upload_id, page, page_size }, { db }) {
      const after = Number(cursors.decode('list_upload_parts', upload_id, page) ?? 0);
      const row = await multipart(db, upload_id);
      const parts = row.completed ? [] : await objects.listParts(row.id, row.handle);
      return {
        arrived: parts.length,
        ...(row.size !== null && { part_count: partCount(row) }),
        completed: row.completed !== null,
        ...pageOf(
          parts.filter((part) => part.number > after).slice(0, page_size + 1),
          page_size,
          ({ number, size, etag }) => ({ part_number: number, size, etag }),
          (part) => cursors.encode('list_upload_parts', upload_id, String(part.number)),
        ),
      };
    },
  });
