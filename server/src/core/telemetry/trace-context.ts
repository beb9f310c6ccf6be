/** Where a trace comes from or goes on: the headers of W3C Trace Context, which MCP carries in `_meta` (SEP-414). */
export type TraceContext = {
  /** `00-<trace id>-<span id>-<flags>`. */
  readonly traceparent: string;
  /** What tracing systems on the way added. */
  readonly tracestate?: string;
};

const version00 = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
/** A later version may append fields, which are not for us. */
const laterVersion = /^(?!00|ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const maxStateLength = 512;

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** What a `traceparent` says; undefined for a text that is none. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const found = text.length > 200 ? null : (version00.exec(text) ?? laterVersion.exec(text));
  const [, traceId, spanId, flags] = found ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** The trace that a caller names; undefined where it names none, or not by the rules. */
export function traceContextOf(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || !parseTraceparent(traceparent)) return undefined;
  const keep = typeof tracestate === 'string' && tracestate !== '' && tracestate.length <= maxStateLength;
  return keep ? { traceparent, tracestate } : { traceparent };
}
