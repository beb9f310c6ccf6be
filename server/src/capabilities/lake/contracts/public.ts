import { z } from 'zod';
import { rulesOf } from './rules.ts';
import type { ContractRow } from './store.ts';

/** A revision of a contract as it is told. */
export const contractFields = {
  dataset_id: z.string().describe('Id of the dataset.'),
  revision: z.int().describe('Number of this revision, from 1.'),
  hash: z.string().describe('SHA-256 of its canonical JSON.'),
  created_at: z.string().describe('ISO 8601 UTC.'),
  rules: z
    .array(
      z.looseObject({
        id: z.string().describe('Id of the rule, as validate takes it.'),
        severity: z.string().describe('error, warning or info; only error fails a validation.'),
        skipped: z.string().optional().describe('Why it is not run; absent when it is.'),
      }),
    )
    .describe('What it asks of the data, in its order.'),
};

export function toContract({ dataset_id, revision, hash, contract, created_at }: ContractRow) {
  const rules = rulesOf(contract, 0).map(({ id, severity, check }) => ({
    id,
    severity,
    ...(check.kind === 'skipped' && { skipped: check.reason }),
  }));
  return { dataset_id, revision, hash, created_at: created_at.toISOString(), rules };
}
