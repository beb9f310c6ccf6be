import { z } from 'zod';
import { sha256 } from '../../../core/canonical.ts';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { invalid } from '../errors.ts';
import { strictValue } from '../integrity/parse-strict.ts';
import { baseline } from '../policy/baseline.ts';
import { type PolicySet, parsePolicySet, policySetId } from '../policy/document.ts';
import { runPolicyTests } from '../policy/run-tests.ts';
import { findPolicySetRow, insertPolicySetRow, lockPolicySet } from '../policy/store.ts';

export const putConfigPolicySet = () =>
  tool({
    name: 'put_config_policy_set',
    title: 'Keep a policy set',
    description:
      'Tutti config: keeps a policy set as the next version of its name, provided that its own tests pass; the same again gives no new version. A version never changes. Profiles stay with the version that they name until put_config_profile. To try it first use test_config_policy_set.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:policy',
    input: {
      document: z
        .record(z.string(), z.unknown())
        .describe('{name, rules, tests}: see docs/config-policy.md. Its version is given here.'),
    },
    output: z.looseObject({
      policy_set_id: z.string().describe('What profiles and artifacts name it, name@version.'),
      created: z.boolean().describe('Whether that version is new.'),
      tests: z.number().describe('Tests of its own that passed.'),
    }),
    async run({ document }, { db, principal }) {
      const { version: _given, ...unversioned } = strictValue(document) as Record<string, unknown>;
      const name = typeof unversioned.name === 'string' ? unversioned.name.slice(0, 100) : '';
      if (name === baseline.name) throw builtIn(name);
      await lockPolicySet(db, name);
      const newest = await findPolicySetRow(db, name);
      const hash = sha256(unversioned);
      const again = newest?.hash === hash;
      const version = again ? newest.version : (newest?.version ?? 0) + 1;
      const numbered = { ...unversioned, version };
      const { set, problems } = parsePolicySet(numbered);
      if (!set) throw invalid('INVALID_POLICY_SET', 'The policy set', problems);
      requirePassing(set);
      if (!again) await insertPolicySetRow(db, { name, version, document: numbered, hash, put_by: principal.id });
      return { policy_set_id: policySetId(set), created: !again, tests: set.tests.length };
    },
  });

function requirePassing(set: PolicySet): void {
  const failed = runPolicyTests(set).filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  throw new AppError(
    'POLICY_TESTS_FAILED',
    `${failed.length} of the set's own tests ${failed.length === 1 ? 'fails' : 'fail'}; the first: ${failed[0]?.name ?? ''}`,
    'Mend the rules or the tests; test_config_policy_set runs them and keeps nothing.',
    { failed: failed.slice(0, 20) },
  );
}

function builtIn(name: string): AppError {
  return new AppError('CONFLICT', `The policy set ${name} is built in.`, 'Choose another name.', { name });
}
