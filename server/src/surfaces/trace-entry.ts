import type { Caller } from '../core/invoke.ts';
import { type Facts, isTracing } from '../core/telemetry/trace.ts';
import { traceContextOf } from '../core/telemetry/trace-context.ts';

interface Carrier {
  readonly headers?: Headers | undefined;
  /** The `_meta` of a request of MCP, which says more of the call than the headers around it: SEP-414. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/** How a call came in, with the trace that its caller names. Undefined while nothing is traced. */
export function entryOf({ headers, meta }: Carrier, facts: Facts): Caller['entry'] {
  if (!isTracing()) return undefined;
  const trace =
    traceContextOf(meta?.traceparent, meta?.tracestate) ??
    traceContextOf(headers?.get('traceparent'), headers?.get('tracestate'));
  return { trace, facts };
}
