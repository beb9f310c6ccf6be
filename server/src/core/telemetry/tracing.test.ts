import { describe, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { readSettings } from '../settings.ts';
import { isTracing } from './trace.ts';
import { startTracing } from './tracing.ts';

const read = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  readSettings(['--data-dir', '/nowhere', ...args], env);

describe('the settings of tracing', () => {
  test('come from the standard variables where ours say nothing', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/', OTEL_SERVICE_NAME: 'mine' };
    const base = { 'telemetry.otlp_url': 'http://collector:4318/v1/traces', 'telemetry.service_name': 'mine' };
    expect(read([], env)).toMatchObject(base);
    const own = { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in' };
    expect(read([], own)).toMatchObject({ 'telemetry.otlp_url': 'https://traces.example/in' });
    expect(read([], { ...own, TUTTI_TELEMETRY_OTLP_URL: 'http://ours/x' })).toMatchObject({
      'telemetry.otlp_url': 'http://ours/x',
    });
    expect(read(['--telemetry-service-name', 'flag'], env)).toMatchObject({ 'telemetry.service_name': 'flag' });
  });

  test('are off by default, and with variables that are empty or say so', () => {
    const off = (env: NodeJS.ProcessEnv) =>
      expect(read([], env)).toMatchObject({ 'telemetry.service_name': 'tutti', 'telemetry.sample_ratio': 1 });
    for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_SERVICE_NAME: '' }]) off(env);
    const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' };
    for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, disabled]) {
      expect(read([], env)['telemetry.otlp_url']).toBeUndefined();
    }
  });

  test.each([
    ['telemetry-otlp-url', 'file:///x'],
    ['telemetry-otlp-url', 'http://user:password@collector/'],
    ['telemetry-otlp-headers', 'authorization=Bearer abc'],
    ['telemetry-otlp-headers', 'env:TOKEN'],
    ['telemetry-sample-ratio', '1.5'],
    ['telemetry-sample-ratio', 'often'],
  ])('--%s %s is refused', (flag, value) => {
    expect(() => read([`--${flag}`, value])).toThrow(`Setting ${flag.replace('-', '.').replaceAll('-', '_')}`);
  });
});

test('a header that cannot be read stops the start with a sentence', async () => {
  const settings = read([
    ...['--telemetry-otlp-url', 'http://127.0.0.1:9/'],
    ...['--telemetry-otlp-headers', 'authorization=file:/no/such/file'],
  ]);
  await expect(startTracing({ ...settings, version: '0' }, createLog('silent'))).rejects.toThrow(
    'Setting telemetry.otlp_headers: authorization cannot be read from file:/no/such/file.',
  );
  expect(isTracing()).toBe(false);
});
