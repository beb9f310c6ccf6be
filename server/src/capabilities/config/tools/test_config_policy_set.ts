import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { invalid } from '../errors.ts';
import { policySet } from '../fields.ts';
import { strictValue } from '../integrity/parse-strict.ts';
import { parsePolicySet } from '../policy/document.ts';
import { findPolicySet } from '../policy/find.ts';
import { runPolicyTests } from '../policy/run-tests.ts';

export const testConfigPolicySet = () =>
  tool({
    name: 'test_config_policy_set',
    title: 'Test a policy set',
    description:
      'Tutti config: runs the tests of a policy set, one that is kept or one that you give, and keeps nothing. What it would do to a draft says validate_draft with its policy_set_id.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:policy',
    input: {
      policy_set_id: policySet.optional().describe('A set that is kept, name@version.'),
      document: z.record(z.string(), z.unknown()).optional().describe('Or a set: {name, rules, tests}.'),
    },
    output: z.looseObject({
      passed: z.boolean().describe('Whether all passed.'),
      results: z
        .array(
          z.looseObject({
            name: z.string().describe('Name of the test.'),
            passed: z.boolean().describe('Whether it passed.'),
          }),
        )
        .describe('Each test, with what was wanted and what came.'),
    }),
    async run({ policy_set_id, document }, { db }) {
      if ((policy_set_id === undefined) === (document === undefined)) throw whichOne();
      const set = policy_set_id === undefined ? given(document) : (await findPolicySet(db, policy_set_id)).set;
      const results = set ? runPolicyTests(set) : [];
      const shown = JSON.parse(JSON.stringify(results)) as typeof results;
      return { passed: results.every(({ passed }) => passed), results: shown.map((one) => ({ ...one })) };
    },
  });

function given(document: unknown) {
  const { version = 1, ...rest } = strictValue(document) as Record<string, unknown>;
  const { set, problems } = parsePolicySet({ ...rest, version });
  if (!set) throw invalid('INVALID_POLICY_SET', 'The policy set', problems);
  return set;
}

function whichOne(): AppError {
  return new AppError('VALIDATION_FAILED', 'Give either policy_set_id or document.', 'Leave one of them out.');
}
