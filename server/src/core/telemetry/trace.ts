import { AppError } from '../errors.ts';
import type { TraceContext } from './trace-context.ts';

/** What a span says: ids, kinds, codes and counts. Never inputs, outputs, secrets, or the name of a person. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  set(facts: Facts): void;
  /** How it ended, where the work does not throw it: `ok`, `handed_over`, or the code of an error. */
  outcome(code: string): void;
}

export interface SpanOptions {
  /** By default `internal`: `server` for what was called, `client` for a call out, `consumer` for what was queued. */
  readonly kind?: 'server' | 'client' | 'consumer';
  /** Where the trace comes from; by default the span that runs now. */
  readonly parent?: TraceContext | undefined;
  readonly facts: Facts;
}

/** What makes the spans, once tracing is on. */
export interface Tracer {
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  event(name: string, facts: Facts): void;
  context(): TraceContext | undefined;
  ids(): { readonly trace_id: string; readonly span_id: string } | undefined;
}

/** One a process, as the log is: what is far from `main.ts` traces without being handed it. */
let tracer: Tracer | undefined;

const noSpan: Span = { set: () => undefined, outcome: () => undefined };

export function useTracer(next: Tracer | undefined): void {
  tracer = next;
}

export function isTracing(): boolean {
  return tracer !== undefined;
}

/** Runs `work` within a span of its own, which ends with it. While tracing is off it only runs it. */
export function traced<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer ? tracer.span(name, options, work) : work(noSpan);
}

/** Notes something in the span that runs now. */
export function traceEvent(name: string, facts: Facts): void {
  tracer?.event(name, facts);
}

/** The span that runs now, for whoever is to go on with its trace: a job, the receiver of a call. */
export function traceContext(): TraceContext | undefined {
  return tracer?.context();
}

/** The ids of the span that runs now, for the lines of the log. */
export function traceIds(): object {
  return tracer?.ids() ?? {};
}

/** The outcome that a thrown value stands for. */
export function outcomeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'INTERNAL';
}
