/**
 * Settings from OpenTelemetry's own variables, which hold where ours say nothing. An empty one counts as unset, as its
 * specification has it; the endpoint of all signals is a base, that of the traces is used as it is.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function otelVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return {};
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base && `${base.replace(/\/$/, '')}/v1/traces`);
  const name = env.OTEL_SERVICE_NAME;
  return { ...(url && { 'telemetry.otlp_url': url }), ...(name && { 'telemetry.service_name': name }) };
}
