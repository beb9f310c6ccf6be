import { expect } from 'vitest';
import type { NeutralConfig } from '../families/neutral.ts';
import type { JsonValue } from '../integrity/parse-strict.ts';
import { type PolicySet, parsePolicySet } from './document.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import type { Subject } from './servers.ts';
import type { PolicyContext } from './world.ts';

export const context: PolicyContext = {
  client: { id: 'codex', version: '1.0.0', form: 'neutral' },
  profile: 'prod',
  tags: ['eu'],
  claims: { team: 'platform' },
  now: '2026-03-04T05:06:07Z',
};

/** A set of these rules, which have to be well formed. */
export function policy(...rules: object[]): PolicySet {
  const { set, problems } = parsePolicySet({ name: 'test', version: 1, rules });
  expect(problems).toEqual([]);
  return set as PolicySet;
}

/** What is wrong with a rule. */
export function problemsOf(rule: object): string[] {
  return parsePolicySet({ name: 'test', version: 1, rules: [rule] }).problems.map(({ message }) => message);
}

export function neutral(...servers: object[]): Subject {
  return { neutral: { inputs: [], servers: servers as unknown as NeutralConfig['servers'] } };
}

export function stdio(command: string, args: readonly string[] = [], more: object = {}): object {
  return { name: 'files', transport: 'stdio', command, args, ...more };
}

export function http(url: string, more: object = {}): object {
  return { name: 'docs', transport: 'http', url, ...more };
}

export function payload(value: unknown): Subject {
  return { payload: value as JsonValue };
}

/** The rules that refuse a subject. */
export function refusals(set: PolicySet, subject: Subject, given: Partial<PolicyContext> = {}): string[] {
  return rulesOf(evaluate(set, subject, { ...context, ...given }).denied);
}

export function rulesOf(verdicts: Evaluation['denied']): string[] {
  return [...new Set(verdicts.map(({ rule }) => rule))].sort();
}

/** The servers of the result. */
export function serversOf(evaluation: Evaluation): Record<string, unknown>[] {
  return (evaluation.result as unknown as { servers: Record<string, unknown>[] }).servers;
}
