import { expect, test } from 'vitest';
import type { Draft } from '../drafts/store.ts';
import { decisionOf, type Report } from './report.ts';

test('what the log says of a decision names rules, each once, and nothing of the draft', () => {
  const draft = {
    draft_id: 'dft_1',
    client_id: 'zed',
    profile: 'prod',
    body: 'hunter2',
    changelog: 'hunter2',
  } as Draft;
  const at = (rule: string) => ({ rule, pointer: '/servers/0/hunter2', message: 'hunter2', patch: [] });
  const report = {
    valid: false,
    errors: [{ pointer: '/hunter2', message: 'hunter2', severity: 'error' }],
    warnings: [],
    losses: [],
    policy: { policy_set_id: 'acme@2', effects: [at('strip'), at('strip')], denied: [at('no-shell')], unmet: [] },
    secrets: [{ pointer: '/x', rule: 'github-pat', excerpt: 'hunter2' }],
  } as unknown as Report;
  expect(decisionOf(draft, report)).toEqual({
    draft_id: 'dft_1',
    client_id: 'zed',
    profile: 'prod',
    valid: false,
    policy_set_id: 'acme@2',
    changed_by: ['strip'],
    denied_by: ['no-shell'],
    unmet: [],
    errors: 1,
    secrets: 1,
  });
});
