import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { noDataset } from '../errors.ts';
import { ruleOf } from '../policies/known.ts';
import { publicPolicies } from '../policies/show.ts';
import { listPolicies, putPolicy } from '../policies/store.ts';
import { lockDataset, touchDataset } from '../store.ts';

const maxPolicies = 50;

const policyName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'small letters, digits and . _ -, 1 to 100');

export const setPolicy = () =>
  tool({
    name: 'set_policy',
    title: 'Set a policy',
    description:
      'Tutti lake: puts a policy on a dataset, or changes the one of that name. lazy ingests when somebody searches; busy-beaver validates and ingests after each commit (with params.scope object after each upload too); hot-index keeps one complete index and replaces it at once when the next one is verified. Of several that are on, hot-index goes before busy-beaver before lazy. It acts with what the caller may do. A policy of another name is kept, but nothing enforces it: see list_policies.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      policy: z
        .strictObject({
          name: policyName.describe('lazy, busy-beaver, hot-index, or a name of your own.'),
          enabled: z.boolean().default(true).describe('Whether it is on.'),
          params: z
            .record(z.string().min(1).max(100), z.unknown())
            .refine((value) => JSON.stringify(value).length <= 16_384, 'at most 16 KiB as JSON')
            .default({})
            .describe('Its parameters; what is left out has its default.'),
        })
        .describe('The policy.'),
    },
    output: z.looseObject({ ok: z.boolean().describe('true.') }),
    async run({ dataset_id, policy }, { db, authority }) {
      if (!(await lockDataset(db, dataset_id))) throw noDataset(dataset_id);
      checkParams(policy);
      const known = await listPolicies(db, dataset_id);
      if (known.length >= maxPolicies && !known.some(({ name }) => name === policy.name)) throw tooMany();
      const { principalId, ...acting } = authority;
      await putPolicy(db, { dataset_id, ...policy, principal_id: principalId, authority: acting });
      await touchDataset(db, dataset_id, { policies: publicPolicies(await listPolicies(db, dataset_id)) });
      return { ok: true };
    },
  });

function checkParams(policy: { name: string; params: Record<string, unknown> }): void {
  try {
    ruleOf(policy);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issues = error.issues.map(({ path, message }) => ({
      path: ['policy', 'params', ...path].join('.'),
      message,
    }));
    throw new AppError(
      'VALIDATION_FAILED',
      `The parameters of ${policy.name} are not valid.`,
      'Correct the fields in details.issues; docs/lake.md lists the parameters of each policy.',
      { issues: issues.slice(0, 20) },
    );
  }
}

function tooMany(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `A dataset may have ${maxPolicies} policies.`,
    'Remove one with remove_policy; see list_policies.',
  );
}
