import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import { tool } from '../../../core/tool.ts';
import { datasetName, datasetSchema, labels, metadata, tags } from '../contract.ts';
import { locate } from '../location.ts';
import { insertDataset, toDataset } from '../store.ts';

export const registerDataset = (roots: readonly string[]) =>
  tool({
    name: 'register_dataset',
    title: 'Register a dataset',
    description:
      'Tutti lake: makes a dataset. uri tutti://<name> is a managed one that takes uploads (next: create_presigned_upload); file:///… (a directory) or s3://… (a prefix) below a root that the operator declared is read in place (next: commit_dataset_version, which copies it).',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      name: datasetName.describe('Unique name: letters, digits, dot, dash and underscore.'),
      uri: z
        .string()
        .min(1)
        .max(2000)
        .describe('tutti://<name>, or file:///… or s3://<bucket>/… below a declared root.'),
      tags: tags.optional(),
      labels: labels.optional(),
      metadata: metadata.optional(),
    },
    output: datasetSchema,
    async run(input, { db }) {
      await locate(input.uri, roots);
      const row = await insertDataset(db, {
        id: newId('ds'),
        name: input.name,
        uri: input.uri,
        tags: [...new Set(input.tags ?? [])],
        labels: input.labels ?? {},
        metadata: input.metadata ?? {},
      });
      if (row) return toDataset(row);
      throw new AppError(
        'ALREADY_EXISTS',
        'There is a dataset of this name or uri already.',
        'Use it (find it with list_datasets), or choose another name.',
        { name: input.name },
      );
    },
  });
