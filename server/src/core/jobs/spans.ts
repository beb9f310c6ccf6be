import { type Span, traced } from '../telemetry/trace.ts';
import type { Execution } from './execution.ts';
import type { JobRow } from './store.ts';

/** What a step leaves in the journal. */
type Recorded = { readonly ok: true } | { readonly ok: false; readonly error: { readonly code: string } };

/** The span of one attempt at a job: in the trace of the call that started it, whichever process runs it. */
export function jobSpan<T>(row: JobRow, execution: Execution, work: (span: Span) => Promise<T>): Promise<T> {
  const facts = {
    ...jobFacts(row),
    'tutti.job.kind': row.kind,
    'tutti.job.handler': row.handler,
    'enduser.id': row.principal_id,
  };
  const parent = row.trace ?? undefined;
  return traced(`job ${row.kind}`, { kind: 'consumer', parent, facts }, (span) =>
    noticingLoss(execution, span, () => work(span)),
  );
}

/** The span of a step that runs; one that the journal remembers has none. */
export function stepSpan<T extends Recorded>(
  row: JobRow,
  execution: Execution,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const facts = { ...jobFacts(row), 'tutti.step.name': name };
  return traced(`step ${name}`, { facts }, (span) =>
    noticingLoss(execution, span, async () => {
      const record = await work();
      if (!record.ok) span.outcome(record.error.code);
      return record;
    }),
  );
}

function jobFacts(row: JobRow) {
  return { 'tutti.job.id': row.id, 'tutti.job.attempt': row.attempts };
}

/** What another process goes on with did not fail. */
async function noticingLoss<T>(execution: Execution, span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (execution.lost()) span.outcome('handed_over');
    throw error;
  }
}
