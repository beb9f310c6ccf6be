import { z } from 'zod';
import { maxParts } from '../../../core/objects/object-store.ts';
import { tool } from '../../../core/tool.ts';
import { type MultipartNeeds, multipart, partCount, partSchema, showParts, uploadId } from '../uploads/multipart.ts';

export const createPresignedParts = (needs: MultipartNeeds) =>
  tool({
    name: 'create_presigned_parts',
    title: 'Create URLs of parts',
    description:
      'Tutti lake: makes URLs for more parts of an upload of create_multipart_upload, or new ones for those whose URLs expired. Parts that arrived are shown with their etags instead.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      upload_id: uploadId,
      first: z.int().min(1).max(maxParts).default(1).describe('Number of the first part.'),
      count: z.int().min(1).max(1000).default(100).describe('How many parts from there on, at most 1000.'),
    },
    output: z.looseObject({
      parts: z.array(partSchema).describe('The parts by number; none once the upload is completed.'),
      next: z.number().optional().describe('Give this as `first` for the parts after them; absent at the last one.'),
    }),
    async run({ upload_id, first, count }, { db }) {
      const row = await multipart(db, upload_id);
      if (row.completed) return { parts: [] };
      const shown = Math.max(0, Math.min(count, partCount(row) - first + 1));
      const arrived = await needs.objects.listParts(row.id, row.handle);
      const next = first + shown;
      return {
        parts: await showParts(row, { first, count: shown }, arrived, needs),
        ...(next <= partCount(row) && { next }),
      };
    },
  });
