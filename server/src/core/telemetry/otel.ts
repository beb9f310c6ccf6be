import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { newId } from '../ids.ts';
import { redact } from '../redact.ts';
import { exportTimeoutMs } from './exporter.ts';
import { type Facts, outcomeOf, type Span, type SpanOptions, type Tracer } from './trace.ts';
import { formatTraceparent, parseTraceparent, type TraceContext } from './trace-context.ts';

export interface OtelSettings {
  readonly exporter: SpanExporter;
  /** How many of the traces that begin here are kept, from 0 to 1. Those that come in are kept as their caller does. */
  readonly sampleRatio: number;
  readonly serviceName: string;
  readonly version: string;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};
/** Ends that are no errors. */
const fine = new Set(['ok', 'handed_over', 'CANCELED']);
const maxTextLength = 200;

/**
 * The tracer on OpenTelemetry's SDK, and its end. Nothing is registered with the API's globals: what other packages would
 * trace there (the job engine could) stays off, and none of it turns up among our spans.
 */
export function createOtel(settings: OtelSettings): { tracer: Tracer; stop(): Promise<void> } {
  const contexts = new AsyncLocalStorageContextManager().enable();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': settings.serviceName,
      'service.version': settings.version,
      'service.instance.id': newId('proc'),
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sampleRatio) }),
    spanLimits: { attributeValueLengthLimit: maxTextLength, eventCountLimit: 32 },
    // What does not fit into the queue is dropped: a collector that is away costs this much memory and no more.
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: settings.exporter,
        maxQueueSize: 2048,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 1000,
        exportTimeoutMillis: exportTimeoutMs + 1000,
      }),
    ],
  });
  const sdk = provider.getTracer('tutti', settings.version);
  const over = new WeakSet<SdkSpan>();
  /** The context of what runs now. Timers and loops that a call left behind still have its, though it is over. */
  const active = () => {
    const found = contexts.active();
    const span = trace.getSpan(found);
    return span && over.has(span) ? ROOT_CONTEXT : found;
  };
  const current = () => trace.getSpan(active());

  const tracer: Tracer = {
    span(name, options, work) {
      const parent = parentOf(options, active());
      const made = sdk.startSpan(redact(name).slice(0, maxTextLength), sdkOptions(options), parent);
      return contexts.with(trace.setSpan(parent, made), () => run(made, work)).finally(() => over.add(made));
    },
    event: (name, facts) => void current()?.addEvent(name, clean(facts)),
    context() {
      const span = current();
      return span && toTraceContext(span.spanContext());
    },
    ids() {
      const { traceId, spanId } = current()?.spanContext() ?? {};
      return traceId === undefined || spanId === undefined ? undefined : { trace_id: traceId, span_id: spanId };
    },
  };
  return { tracer, stop: () => provider.shutdown() };
}

async function run<T>(made: SdkSpan, work: (span: Span) => Promise<T>): Promise<T> {
  let ended: string | undefined;
  const span: Span = {
    set: (facts) => void made.setAttributes(clean(facts)),
    outcome: (code) => {
      ended = code;
    },
  };
  try {
    const result = await work(span);
    ended ??= 'ok';
    return result;
  } catch (error) {
    ended ??= outcomeOf(error);
    throw error;
  } finally {
    made.setAttribute('tutti.outcome', ended ?? 'ok');
    if (!fine.has(ended ?? 'ok')) {
      made.setAttribute('error.type', ended ?? 'INTERNAL');
      made.setStatus({ code: SpanStatusCode.ERROR });
    }
    made.end();
  }
}

function sdkOptions({ kind, parent, facts }: SpanOptions) {
  const from = kind === 'consumer' ? parent && toSpanContext(parent) : undefined;
  return { kind: kinds[kind ?? 'internal'], attributes: clean(facts), ...(from && { links: [{ context: from }] }) };
}

function parentOf({ parent }: SpanOptions, active: Context): Context {
  const from = parent && toSpanContext(parent);
  return from ? trace.setSpanContext(ROOT_CONTEXT, from) : active;
}

function toSpanContext({ traceparent, tracestate }: TraceContext): SpanContext | undefined {
  const parsed = parseTraceparent(traceparent);
  if (!parsed) return undefined;
  const { traceId, spanId, sampled } = parsed;
  return {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}

function toTraceContext({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  const tracestate = traceState?.serialize();
  return { traceparent: formatTraceparent({ traceId, spanId, sampled }), ...(tracestate && { tracestate }) };
}

/** No text leaves with a secret of this process in it, whatever it was meant to say. */
function clean(facts: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value]),
  );
}
