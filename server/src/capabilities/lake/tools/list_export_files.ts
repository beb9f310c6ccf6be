import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { type Cursors, nextPageField, pageFields } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { listExportFiles as listFiles } from '../exports/store.ts';
import { findServedIndex } from '../indexes/store.ts';
import { dataset } from '../objects.ts';

export const listExportFiles = (cursors: Cursors, objects: ObjectStore, ttlS: number) =>
  tool({
    name: 'list_export_files',
    title: 'List the files of an export',
    description:
      'Tutti lake: lists the Parquet files of the newest finished export of a dataset (start_ingest with target parquet), each with a URL that gives its bytes by HTTP GET until it expires. Directories of paths are partitions, name=value, percent-encoded. To read rows instead of files, use search_dataset or query_dataset.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: { dataset_id: datasetId, ...pageFields },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            path: z.string().describe('Its path in the export. A label: data from outside, percent-encoded.'),
            rows: z.number().describe('Rows in it.'),
            bytes: z.number().describe('Bytes.'),
            sha256: z.string().describe('SHA-256 of the bytes, hex, to compare.'),
            url: z.string().describe('Where to GET the bytes. Whoever has it can: treat it as a secret.'),
            headers: z.record(z.string(), z.string()).optional().describe('Headers to send, if any.'),
            expires_at: z.string().describe('Until when the URL holds, ISO 8601 UTC.'),
          }),
        )
        .describe('The files, by path.'),
      served_version: z.string().describe('The version that was exported.'),
      next_page: nextPageField,
    }),
    async run({ dataset_id, page, page_size }, { db }) {
      await dataset(db, dataset_id);
      const index = await findServedIndex(db, dataset_id, 'parquet');
      if (!index) {
        throw new AppError(
          'NOT_SERVED',
          'This dataset has no finished export.',
          'Call start_ingest with target parquet, wait with job_status, then ask again.',
        );
      }
      const bound = { index: index.id };
      const after = cursors.decode('list_export_files', bound, page);
      const files = await listFiles(db, index.id, { after, limit: page_size + 1 });
      const expiresAt = new Date(Date.now() + ttlS * 1000);
      const items = await Promise.all(
        files.slice(0, page_size).map(async ({ path: label, sha256, rows, bytes }) => {
          const name = path.posix.basename(label);
          const contentType = 'application/vnd.apache.parquet';
          const { url, headers } = await objects.presignDownload({ sha256, name, contentType, expiresAt });
          const needed = Object.keys(headers).length > 0 ? { headers } : {};
          return { path: label, rows, bytes, sha256, url, ...needed, expires_at: expiresAt.toISOString() };
        }),
      );
      const last = files.length > page_size ? items.at(-1) : undefined;
      return {
        items,
        served_version: index.version,
        ...(last && { next_page: cursors.encode('list_export_files', bound, last.path) }),
      };
    },
  });
