import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { untrusted } from '../errors.ts';
import type { Logger } from '../log.ts';

export interface ExporterSettings {
  /** Where the spans are POSTed to, path and all. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** Milliseconds for one batch, its repetitions included. */
export const exportTimeoutMs = 5000;

/**
 * Sends spans as OTLP/HTTP in JSON. It does not go through `core/egress.ts`: the address is the operator's own, from the
 * settings, mostly on loopback or a private network, no caller can change it, and no answer of it reaches a caller.
 * A collector that is away is said once, and once again when it is back.
 */
export function createExporter({ url, headers, log }: ExporterSettings): SpanExporter {
  // Each of the few batches that the queue can hold may be on its way at the stop.
  const otlp = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: exportTimeoutMs,
    concurrencyLimit: 6,
  });
  let failing = false;
  return {
    export(spans, done) {
      otlp.export(spans, (result) => {
        // 0 is the SDK's constant for success, in a package that is not ours to import.
        const failed = result.code !== 0;
        if (failed && !failing) log.warn({ cause: causeOf(result.error) }, 'the collector takes no traces');
        if (!failed && failing) log.info('the collector takes traces again');
        failing = failed;
        done(result);
      });
    },
    forceFlush: () => otlp.forceFlush(),
    shutdown: () => otlp.shutdown(),
  };
}

function causeOf(error: Error | undefined) {
  return untrusted('collector', error?.message || 'no answer', 300);
}
