import type { z } from 'zod';
import type { reportSchema } from '../contract.ts';
import type { Draft } from '../drafts/store.ts';
import { invalidDraft, policyDenied } from '../errors.ts';
import type { Loss } from '../families/family.ts';
import { failure, type Problem } from '../families/neutral.ts';
import type { Evaluation } from '../policy/evaluate.ts';
import { type Finding, requireNoSecrets } from '../secrets/scan.ts';

/** What was found about a draft: machine-readable, each thing with an RFC 6901 pointer. */
export interface Report {
  readonly valid: boolean;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** What the client cannot be told. */
  readonly losses: readonly Loss[];
  readonly policy: {
    readonly policy_set_id: string;
    readonly effects: Evaluation['effects'];
    readonly denied: Evaluation['denied'];
    readonly unmet: Evaluation['unmet'];
  };
  readonly secrets: readonly Finding[];
  /** Of what the client would read. */
  readonly payload_hash?: string;
}

export interface FoundSoFar {
  readonly policy_set_id: string;
  readonly problems?: readonly Problem[];
  readonly losses?: readonly Loss[];
  readonly evaluations?: readonly Evaluation[];
  readonly secrets?: readonly Finding[];
  readonly payload_hash?: string;
}

const most = 200;

/** A report of what was found. It is valid when nothing of it is an error. */
export function toReport(found: FoundSoFar): Report {
  const { policy_set_id, losses = [], evaluations = [], payload_hash } = found;
  const secrets = distinct(found.secrets ?? []);
  const effects = evaluations.flatMap((one) => one.effects);
  const denied = evaluations.flatMap((one) => one.denied);
  const unmet = evaluations.flatMap((one) => one.unmet);
  const problems = [...(found.problems ?? []), ...evaluations.flatMap((one) => one.problems)];
  const lost = losses.filter(({ severity }) => severity === 'error').map(({ pointer, why }) => ({ pointer, why }));
  const errors = [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...lost.map(({ pointer, why }): Problem => ({ pointer, message: why, severity: 'error' })),
  ];
  return {
    valid: [errors, denied, unmet, secrets].every((list) => list.length === 0),
    errors: errors.slice(0, most),
    warnings: problems.filter(({ severity }) => severity === 'warning').slice(0, most),
    losses: losses.slice(0, most),
    policy: {
      policy_set_id,
      effects: effects.slice(0, most),
      denied: denied.slice(0, most),
      unmet: unmet.slice(0, most),
    },
    secrets: secrets.slice(0, most),
    ...(payload_hash !== undefined && { payload_hash }),
  };
}

/** A report of one thing that keeps all else from being looked at. */
export function failedReport(policy_set_id: string, message: string): Report {
  return toReport({ policy_set_id, problems: [failure([], message)] });
}

/** Throws for a report that is not valid: what looks like a secret first, then what is wrong, then what policy refuses. */
export function requireValid(report: Report): void {
  if (report.valid) return;
  const { policy, secrets, errors } = report;
  requireNoSecrets(secrets, report);
  if (errors.length > 0) throw invalidDraft(errors, report);
  throw policyDenied(policy.policy_set_id, [...policy.denied, ...policy.unmet], report);
}

/** What was decided about a draft, for the log: ids of ours and of rules, nothing of what the draft says. */
export function decisionOf({ draft_id, client_id, profile }: Draft, { valid, policy, errors, secrets }: Report) {
  const rules = (found: readonly { readonly rule: string }[]) => [...new Set(found.map(({ rule }) => rule))];
  return {
    draft_id,
    client_id,
    profile,
    valid,
    policy_set_id: policy.policy_set_id,
    changed_by: rules(policy.effects),
    denied_by: rules(policy.denied),
    unmet: rules(policy.unmet),
    errors: errors.length,
    secrets: secrets.length,
  };
}

/** The same thing may be found in a draft and in what was made of it. */
function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Map(findings.map((finding) => [`${finding.pointer} ${finding.rule}`, finding]));
  return [...seen.values()];
}

/** A report as the answer of a tool: plain JSON. */
export function shownReport(report: Report): z.input<typeof reportSchema> {
  return JSON.parse(JSON.stringify(report)) as z.input<typeof reportSchema>;
}
