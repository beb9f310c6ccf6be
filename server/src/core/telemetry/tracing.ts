import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { conceal } from '../redact.ts';
import { readReference } from '../secrets.ts';
import { type Settings, SettingsError } from '../settings.ts';
import { useTracer } from './trace.ts';

/** Milliseconds that a stop waits for the collector to take what is left. */
const flushMs = 2000;

export type TracingSettings = Pick<
  Settings,
  'telemetry.otlp_url' | 'telemetry.otlp_headers' | 'telemetry.sample_ratio' | 'telemetry.service_name'
> & { readonly version: string };

/**
 * Turns tracing on where the operator named a collector, and answers what turns it off again. Without one nothing of
 * OpenTelemetry's SDK is loaded: it takes 8 MB.
 */
export async function startTracing(settings: TracingSettings, log: Logger): Promise<() => Promise<void>> {
  const url = settings['telemetry.otlp_url'];
  if (url === undefined) return async () => undefined;
  const headers = await readHeaders(settings['telemetry.otlp_headers']);
  const [{ createOtel }, { createExporter }] = await Promise.all([import('./otel.ts'), import('./exporter.ts')]);
  const otel = createOtel({
    exporter: createExporter({ url, headers, log }),
    sampleRatio: settings['telemetry.sample_ratio'],
    serviceName: settings['telemetry.service_name'],
    version: settings.version,
  });
  useTracer(otel.tracer);
  return async () => {
    useTracer(undefined);
    const flushed = otel.stop().catch(() => undefined); // the exporter has said why
    await Promise.race([flushed, sleep(flushMs, undefined, { ref: false })]);
  };
}

/** The headers that `name=env:NAME` and `name=file:/path` stand for. Their values are secrets from here on. */
async function readHeaders(references: readonly string[]): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const text of references) {
    const [, name = '', reference = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const value = (await readReference(reference))?.trim();
    if (!value) throw new SettingsError(`Setting telemetry.otlp_headers: ${name} cannot be read from ${reference}.`);
    // Of `Bearer <key>` the key.
    conceal(value.split(/\s+/).at(-1) ?? value);
    headers[name] = value;
  }
  return headers;
}
