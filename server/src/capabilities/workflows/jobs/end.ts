import type { Db } from '../../../core/db/database.ts';
import { untrusted } from '../../../core/errors.ts';
import { forgetResults } from '../../../core/jobs/calls/store.ts';
import { withdrawApprovals } from '../approvals/store.ts';
import type { RunStatus } from '../contract.ts';
import type { Envelope } from '../definition/envelope.ts';
import type { EvaluationRequest } from '../expressions/protocol.ts';
import { QueryError } from '../expressions/protocol.ts';
import { closeStates, countStates } from '../journal/store.ts';
import { abandoned } from '../machine/failure.ts';
import type { MachineEnd } from '../machine/machine.ts';
import type { Payload, Payloads, RunError, RunRow } from '../runs/run.ts';
import { endRun } from '../runs/store.ts';

/** How a run ended, as its job remembers it until both end. */
export interface Outcome {
  readonly status: RunStatus;
  readonly error: RunError | null;
  readonly summary: string;
  readonly output: Payload | null;
}

const said = ['succeeded', 'partial', 'failed'] as const;

/** What the definition makes of a machine that succeeded: how its run ended, and the sentence for it. */
export interface Verdict {
  readonly status: (typeof said)[number];
  readonly summary: string;
}

/**
 * Throws a QueryError where the definition's `outcome` does not come to what it must. Whoever sees the run sees its summary:
 * one that may hold something secret is not made, and no words of an expression that read it are told.
 */
export async function judge(
  { outcome, sensitive }: Pick<Envelope, 'outcome' | 'sensitive'>,
  made: {
    readonly input: unknown;
    readonly output: unknown;
    /** Whether the output is sealed. */
    readonly secret?: boolean;
    readonly tolerated: number;
    readonly states: number;
  },
  evaluate: (request: EvaluationRequest) => Promise<unknown>,
  execution: { readonly seed: string },
): Promise<Verdict> {
  const { input, output, tolerated, states } = made;
  const plain: Verdict = {
    status: tolerated > 0 ? 'partial' : 'succeeded',
    summary: `${states} ${states === 1 ? 'state' : 'states'} executed${tolerated > 0 ? `, ${tolerated} failed ${tolerated === 1 ? 'item' : 'items'} tolerated` : ''}.`,
  };
  if (outcome === undefined) return plain;
  const readsSecret = (template: unknown) =>
    (made.secret === true && mentions(template, 'result')) || (sensitive === true && mentions(template, 'input'));
  const { status = plain.status } = outcome;
  const summary = readsSecret(outcome.summary) ? plain.summary : (outcome.summary ?? plain.summary);
  const request = {
    expressions: { status, summary },
    bindings: { states: { input, result: output }, variables: {} },
    clock: new Date().toISOString(),
    seed: `${execution.seed}//outcome`,
  };
  const verdict = (await evaluate(request).catch((error: unknown) => {
    if (!(error instanceof QueryError) || !readsSecret(status)) throw error;
    throw new QueryError('outcome.status fails on data that is sensitive.', error.limit);
  })) as { status: unknown; summary: unknown };
  if (!said.some((one) => one === verdict.status)) throw new QueryError(`outcome.status must be ${said.join(', ')}.`);
  if (typeof verdict.summary !== 'string') throw new QueryError('outcome.summary must be a text.');
  return { status: verdict.status as Verdict['status'], summary: verdict.summary.slice(0, 2000) };
}

/** Whether a template may read a part of `$states`: by its name, or all of it at once. */
function mentions(template: unknown, field: 'input' | 'result'): boolean {
  const text = JSON.stringify(template ?? '');
  return new RegExp(`\\$states(?!\\.)|\\$states\\.${field}\\b`).test(text);
}

/** The error of a run whose machine failed. What the other side said travels as data. */
export function errorOf(end: Extract<MachineEnd, { error: unknown }>): RunError {
  const { Error: code, Cause: cause } = end.error;
  return {
    code,
    message: end.path === undefined ? `The run failed with ${code}.` : `The state ${end.path} failed with ${code}.`,
    ...(end.path !== undefined && { state: end.path }),
    ...(cause !== undefined && { cause: untrusted('workflow', cause) }),
  };
}

const sentences: Readonly<Record<string, string>> = {
  in_doubt: 'A call was cut off, and whether it arrived is not known: resolve_in_doubt_call says what became of it.',
  timed_out: 'It took longer than it may.',
  canceled: 'It was canceled.',
};

/** Keeps what a run came to, and closes what it leaves open. The run itself ends together with its job. */
export async function concludeRun(
  tx: Db,
  run: Pick<RunRow, 'id'>,
  end: {
    readonly status: RunStatus;
    readonly summary?: string;
    readonly error?: RunError | null;
    readonly output?: { readonly value: unknown; readonly secret: boolean };
  },
  payloads: Payloads,
): Promise<Outcome> {
  const { status, error = null, output } = end;
  const place = { runId: run.id, path: 'output', sealed: output?.secret ?? false };
  if (status === 'canceled' || status === 'timed_out') await closeStates(tx, run.id, abandoned);
  await withdrawApprovals(tx, run.id);
  return {
    status,
    error,
    summary: end.summary ?? sentences[status] ?? error?.message ?? '',
    output: output ? await payloads.keep(tx, output.value, place) : null,
  };
}

/** Writes down the end of a run. What was found out of its calls stands in its journal by now, sealed where it must be. */
export async function writeEnd(tx: Db, { id, job_id }: Pick<RunRow, 'id' | 'job_id'>, outcome: Outcome): Promise<void> {
  if (outcome.status !== 'in_doubt') await forgetResults(tx, job_id);
  await endRun(tx, id, { ...outcome, counts: await countStates(tx, id) });
}
