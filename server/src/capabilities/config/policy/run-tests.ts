import { isDeepStrictEqual } from 'node:util';
import type { PolicySet, PolicyTest } from './document.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import type { Subject } from './servers.ts';
import type { PolicyContext } from './world.ts';

/** How a test that is stored with a policy set went. */
export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  /** What was expected and did not come, field by field. */
  readonly differences: readonly Difference[];
}

interface Difference {
  readonly field: string;
  readonly wanted: unknown;
  readonly got: unknown;
}

/** The time of a test that names none: it must not change with the day. */
const testTime = '2026-01-01T00:00:00Z';

/** Runs every test of a set. */
export function runPolicyTests(set: PolicySet): TestResult[] {
  return set.tests.map((test) => {
    const evaluation = evaluate(set, subjectOf(test), contextOf(test));
    const got = outcome(evaluation);
    const differences: Difference[] = Object.entries(test.expect).flatMap(([field, wanted]) => {
      const found = got[field as keyof typeof got];
      const same =
        Array.isArray(wanted) && field !== 'result'
          ? isDeepStrictEqual(sorted(wanted), found)
          : isDeepStrictEqual(wanted, found);
      return wanted === undefined || same ? [] : [{ field, wanted, got: found }];
    });
    // What fails by itself is no refusal that a test could have meant.
    for (const { message, severity } of evaluation.problems)
      if (severity === 'error') differences.push({ field: 'problems', wanted: undefined, got: message });
    return { name: test.name, passed: differences.length === 0, differences };
  });
}

function subjectOf({ neutral, payload }: PolicyTest): Subject {
  if (neutral !== undefined)
    return { neutral: neutral as unknown as Extract<Subject, { neutral: unknown }>['neutral'] };
  return { payload: payload ?? null };
}

function contextOf({ context, payload }: PolicyTest): PolicyContext {
  const { client, profile = 'default', tags = [], claims = {}, now = testTime } = context ?? {};
  const form = client?.form ?? (payload === undefined ? 'neutral' : 'opaque');
  return { client: { id: client?.id ?? 'test', version: client?.version, form }, profile, tags, claims, now };
}

function outcome({ ok, denied, unmet, effects, result }: Evaluation) {
  const rules = (list: readonly { readonly rule: string }[]) => sorted(new Set(list.map(({ rule }) => rule)));
  return { ok, denied: rules(denied), unmet: rules(unmet), effects: rules(effects), result };
}

function sorted(names: Iterable<unknown>): string[] {
  return [...names].map(String).sort();
}
