import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Collector, startCollector } from '../../../test/support/otlp-collector.ts';
import { createLog } from '../log.ts';
import { conceal } from '../redact.ts';
import { createExporter } from './exporter.ts';
import { createOtel } from './otel.ts';

let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

const create = () =>
  createOtel({
    exporter: createExporter({ url: collector.url, headers: {}, log: createLog('silent') }),
    sampleRatio: 1,
    serviceName: 'test',
    version: '0',
  });

test('what a collector does not take is dropped beyond a bound', async () => {
  const { tracer, stop } = create();
  collector.behave('hang');
  const many = async (count: number) => {
    for (let made = 0; made < count; made += 1) await tracer.span('one', { facts: {} }, async () => undefined);
  };
  await many(512);
  while (collector.requests() === 0) await sleep(10);
  await many(20_000);
  collector.behave('take');
  await stop();
  expect(collector.spans).toHaveLength(2048);
});

test('texts are cut, and known secrets taken out of them, wherever they stand', async () => {
  conceal('a-secret-of-this-process');
  const { tracer, stop } = create();
  await tracer.span('at a-secret-of-this-process', { facts: { where: 'a-secret-of-this-process' } }, async (span) => {
    span.set({ later: 'x a-secret-of-this-process', long: 'y'.repeat(5000) });
    tracer.event('noted', { what: 'a-secret-of-this-process' });
  });
  await stop();
  expect(collector.wire()).not.toContain('a-secret-of-this-process');
  expect(collector.spans).toMatchObject([
    { name: 'at [redacted]', facts: { where: '[redacted]', later: 'x [redacted]', long: 'y'.repeat(200) } },
  ]);
});

test('the message of an error does not leave, its code does', async () => {
  const { tracer, stop } = create();
  const work = async () => {
    throw new Error('words of an error');
  };
  await expect(tracer.span('one', { facts: {} }, work)).rejects.toThrow('words of an error');
  await stop();
  expect(collector.spans).toMatchObject([{ status: 2, facts: { 'error.type': 'INTERNAL' }, events: [] }]);
  expect(collector.wire()).not.toContain('words of an error');
});

test('what a call leaves behind, such as a timer, is no part of it once it is over', async () => {
  const { tracer, stop } = create();
  const later = Promise.withResolvers<unknown>();
  await tracer.span('call', { facts: {} }, async () => {
    setTimeout(() => {
      const seen = { context: tracer.context(), ids: tracer.ids() };
      void tracer.span('later', { facts: {} }, async () => undefined).then(() => later.resolve(seen));
    }, 20);
  });
  expect(await later.promise).toEqual({ context: undefined, ids: undefined });
  await stop();
  const [call, after] = collector.spans;
  expect(after).toMatchObject({ name: 'later', parentSpanId: undefined });
  expect(after?.traceId).not.toBe(call?.traceId);
});

test('a span is over when its work is, and what comes beside it is in none', async () => {
  const { tracer, stop } = create();
  const both = ['a', 'b'].map((name) =>
    tracer.span(name, { facts: {} }, async () => {
      await sleep(5);
      return tracer.context()?.traceparent;
    }),
  );
  expect(tracer.context()).toBeUndefined();
  expect(tracer.ids()).toBeUndefined();
  const [a, b] = await Promise.all(both);
  await stop();
  for (const [name, traceparent] of Object.entries({ a, b })) {
    const span = collector.spans.find((one) => one.name === name);
    expect(traceparent).toBe(`00-${span?.traceId}-${span?.spanId}-01`);
  }
});
