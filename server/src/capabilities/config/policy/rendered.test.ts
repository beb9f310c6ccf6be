import { expect, it } from 'vitest';
import { everything } from '../../../../test/support/config/example.ts';
import { builtInFamilies } from '../families/built-in.ts';
import { render } from '../families/render.ts';
import { scanForSecrets } from '../secrets/scan.ts';
import { baseline } from './baseline.ts';
import { evaluate, judge } from './evaluate.ts';
import { context } from './policy-test-support.ts';

it('the baseline and the scan find nothing in a good configuration, as it is and as each client reads it', () => {
  const { ok, denied, problems } = evaluate(baseline, { neutral: everything }, context);
  expect([ok, denied, problems]).toEqual([true, [], []]);
  expect(scanForSecrets(everything)).toEqual([]);
  for (const family of builtInFamilies) {
    const { payload } = render(family, everything);
    expect([family.client_id, judge(baseline, { payload }, context).denied, scanForSecrets(payload)]).toEqual([
      family.client_id,
      [],
      [],
    ]);
  }
  expect(builtInFamilies.length).toBeGreaterThan(15);
});
