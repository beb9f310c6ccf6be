import { expect, test } from 'vitest';
import type { Frame } from '../docker/demux.ts';
import { eachOnce } from './live-output.ts';
import { createRecorder, type LiveOutput } from './record.ts';
import { createRedactors } from './redact.ts';

const token = '0123456789abcdef';
const mark = (text: string) => `\x1e${token} ${text}\x1e\n`;

function record(frames: readonly [Frame['stream'], string][], commands = 3) {
  const live: LiveOutput[] = [];
  const told: [number, number | null][] = [];
  const recorder = createRecorder({
    script: { token, commands: Array.from({ length: commands }, (_, at) => ({ command: `c${at}` })) },
    caps: { headBytes: 1000, tailBytes: 1000 },
    redactors: createRedactors(['top-secret']),
    onOutput: (output) => live.push(output),
    onStep: (step, code) => told.push([step, code]),
  });
  for (const [stream, data] of frames) recorder.push({ stream, data: Buffer.from(data) });
  const { done } = recorder;
  const made = recorder.finish();
  const outline = made.steps.map((step) => [step.exit_code, step.stdout.text, step.stderr.text]);
  return { ...made, done, live, told, outline };
}

test('both streams of each step, its code and how long it took', () => {
  const found = record([
    ['stdout', `${mark('b 0 1.00')}a${mark('e 0 0 1.25')}${mark('b 1 1.25')}`],
    ['stderr', `${mark('b 0 1.00')}${mark('e 0 0 1.25')}${mark('b 1 1.25')}oops`],
    ['stdout', `b${mark('e 1 2 3.25')}${mark('f 2 1500000000 4096 3.25')}`],
    ['stderr', `${mark('e 1 2 3.25')}${mark('f 2 1500000000 4096 3.25')}`],
  ]);
  expect(found).toMatchObject({
    done: true,
    exit_code: 2,
    usage: { cpu_seconds: 1.5, memory_peak_bytes: 4096 },
    outline: [
      [0, 'a', ''],
      [2, 'b', 'oops'],
    ],
    steps: [
      { command: 'c0', duration_seconds: 0.25, began_at_uptime: 1 },
      { command: 'c1', duration_seconds: 2 },
    ],
    told: [
      [0, null],
      [0, 0],
      [1, null],
      [1, 2],
    ],
  });
});

test('it is done when both streams are, and knows no code before', () => {
  const found = record([
    ['stdout', `${mark('b 0 1')}a`],
    ['stderr', mark('b 0 1')],
  ]);
  expect(found).toMatchObject({ done: false, exit_code: null, usage: null, outline: [[null, 'a', '']] });
  expect(record([['stdout', mark('f 0 0 0 1')]]).done).toBe(false);
  expect(record([])).toMatchObject({ done: false, steps: [] });
});

test('a log that lost its beginning: steps before the first known one went well', () => {
  const found = record([
    ['stdout', `tail${mark('e 1 0 5')}${mark('b 2 5')}c${mark('e 2 1 6')}${mark('f 1 0 0 6')}`],
    ['stderr', `${mark('e 1 0 5')}${mark('b 2 5')}${mark('e 2 1 6')}${mark('f 1 0 0 6')}`],
  ]);
  expect(found.outline).toEqual([
    [0, '', ''],
    [0, 'tail', ''],
    [1, 'c', ''],
  ]);
});

test('a step that never was, and output after the last marker, change nothing', () => {
  const found = record([['stdout', `${mark('b 0 1')}${mark('e 0 0 1')}${mark('b 7 1')}${mark('f 0 0 0 1')}late`]], 1);
  expect(found.outline).toEqual([[0, '', '']]);
});

test('a secret is kept out of record and live output, split over chunks and at the end of a step too', () => {
  const found = record([
    ['stdout', `${mark('b 0 1')}x top-se`],
    ['stdout', 'cret y top-s'],
    ['stdout', `${mark('e 0 0 1')}${mark('b 1 1')}ecret top-secret${mark('e 1 0 1')}${mark('f 0 0 0 1')}`],
  ]);
  expect(found.outline.map(([, stdout]) => stdout)).toEqual(['x [redacted] y top-s', 'ecret [redacted]']);
  const live = (step: number) =>
    Buffer.concat(found.live.filter((piece) => piece.step === step).map(({ data }) => data));
  expect([0, 1].map((step) => live(step).toString())).toEqual(['x [redacted] y top-s', 'ecret [redacted]']);
});

test('output that is read again is told once', () => {
  const told: string[] = [];
  const once = eachOnce(({ data, offset }) => told.push(`${offset}:${data}`));
  const piece = (offset: number, text: string, stream: Frame['stream'] = 'stdout') =>
    once({ step: 0, stream, offset, data: Buffer.from(text) });
  piece(0, 'abc');
  piece(3, 'def');
  piece(0, 'abcd');
  piece(4, 'efgh');
  piece(8, 'i');
  piece(0, 'err', 'stderr');
  expect(told).toEqual(['0:abc', '3:def', '6:gh', '8:i', '0:err']);
});

test('what it used: of a network and of disks too, where the script tells', () => {
  const used = { cpu_seconds: 1.5, memory_peak_bytes: 4096 };
  const none = { network_rx_bytes: 0, network_tx_bytes: 0, disk_read_bytes: 0, disk_write_bytes: 0 };
  expect(record([['stdout', mark('f 0 1500000000 4096 3.25')]]).usage).toEqual({ ...used, ...none });
  expect(record([['stdout', mark('f 0 1500000000 4096 10 20 30 40 3.25')]]).usage).toEqual({
    ...used,
    ...{ network_rx_bytes: 10, network_tx_bytes: 20, disk_read_bytes: 30, disk_write_bytes: 40 },
  });
  expect(record([['stdout', mark('f 0 1500000000 4096 10 20 3.25')]]).exit_code).toBeNull();
});
