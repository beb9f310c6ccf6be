import { baselineTests } from './baseline-tests.ts';
import { type PolicySet, parsePolicySet } from './document.ts';

const { set, problems } = parsePolicySet({
  name: 'baseline',
  version: 1,
  title: 'What no configuration should do',
  description: 'Refuses what lets a configuration run or reach something else than it shows.',
  extends: 'baseline@1',
  rules: [],
  tests: baselineTests,
});
if (!set) throw new Error(`the built-in policy set cannot be read: ${JSON.stringify(problems)}`);

/** `baseline@1`: the set of a new profile. It is data like any other set, and is turned off by naming another one. */
export const baseline: PolicySet = set;
