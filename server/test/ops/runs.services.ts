import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine, engineVersion, pingEngine } from '../../src/capabilities/ops/docker/client.ts';
import { inspectContainer, pauseContainer, removeContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { createEnds } from '../../src/capabilities/ops/docker/ends.ts';
import { type EngineEvent, followEvents } from '../../src/capabilities/ops/docker/events.ts';
import { attach } from '../../src/capabilities/ops/docker/streams.ts';
import { dispatchText } from '../../src/capabilities/ops/runner/bootstrap.ts';
import type { LiveOutput } from '../../src/capabilities/ops/runner/record.ts';
import { createRedactors } from '../../src/capabilities/ops/runner/redact.ts';
import {
  artifactsOf,
  type CuttableEngine,
  createCuttableEngine,
  createTestEngine,
  describeDocker,
  noShell,
  outline,
  scriptOf,
  type TestEngine,
} from '../support/docker.ts';

describeDocker('a run in a container', () => {
  let engine: TestEngine;
  let way: CuttableEngine;
  let cuttable: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine();
    way = await createCuttableEngine();
    cuttable = await createTestEngine(way.host);
  });
  afterAll(async () => {
    await Promise.all([engine?.close(), cuttable?.close()]);
    await way?.close();
  });

  test('steps with codes, both streams and durations; the engine tells the outcome', async () => {
    const result = await engine.run(['echo out; echo err >&2', 'echo "$A"; sleep 0.3', 'exit 9', 'echo never'], {
      env: { A: "it's" },
    });
    expect(result).toMatchObject({ how: 'finished', exit_code: 9, oom_killed: false, record: { exit_code: 9 } });
    expect(outline(result)).toEqual([
      [0, 'out\n', 'err\n'],
      [0, "it's\n", ''],
      [9, '', ''],
    ]);
    expect(result.record.steps[1]?.duration_seconds).toBeGreaterThanOrEqual(0.29);
    expect(result.record.usage?.cpu_seconds).toBeGreaterThan(0);
    expect(result.record.usage?.memory_peak_bytes).toBeGreaterThan(100_000);
  });

  test('64 MB of output: head and tail are kept, what is cut is told, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    let seen = 0;
    const result = await engine.run(
      ['yes 0123456789abcdef | tr "\\n" - | fold -w 1000 | head -c 67108864; echo the end'],
      {
        onOutput: ({ data }) => {
          seen += data.length;
          most = Math.max(most, process.memoryUsage().rss - before);
        },
      },
    );
    const stdout = result.record.steps[0]?.stdout;
    expect(stdout?.bytes).toBe(67_108_864 + 8);
    expect(seen).toBe(67_108_864 + 8);
    expect(stdout?.cut_bytes).toBeGreaterThan(67_000_000);
    expect(stdout?.text).toMatch(/^0123456789abcdef-(.|\n)* bytes left out (.|\n)*the end\n$/);
    expect(Buffer.byteLength(stdout?.text ?? '')).toBeLessThan(66_000);
    expect(most).toBeLessThan(200 * 2 ** 20);
  });

  test('a reader that takes nothing holds the job back, not our memory', async () => {
    const id = await engine.park();
    const session = await attach(engine, id, { output: true });
    const script = scriptOf(['yes | tr -d "\\n" | head -c 50000000; echo done']);
    await session.write(dispatchText(script));
    const writes = async () => {
      const stats = (await engine.docker.getContainer(id).top()) as { Processes: string[][] };
      return stats.Processes.some((columns) => columns.join(' ').includes('head -c'));
    };
    await expect.poll(writes).toBe(true);
    await sleep(1000);
    // It is still at it: nobody reads.
    expect(await writes()).toBe(true);
    let bytes = 0;
    for await (const { data } of session.frames) {
      bytes += data.length;
      if (data.includes('done')) break;
    }
    expect(bytes).toBeGreaterThan(50_000_000);
    session.close();
    await removeContainer(engine, id);
  });

  test('a stop kills all of it, and what was there until then is kept', async () => {
    const stop = new AbortController();
    const id = await engine.park();
    const running = engine.run(
      ['echo made > kept.txt; echo begun; sleep 1000 & trap "" TERM INT; sleep 1000'],
      {
        stop: stop.signal,
        artifacts: artifactsOf('*.txt'),
        onOutput: ({ data }) => {
          if (data.includes('begun')) stop.abort();
        },
      },
      id,
    );
    expect(await running).toMatchObject({
      how: 'stopped',
      exit_code: 137,
      artifacts: { taken: ['kept.txt=made\n'] },
      record: { exit_code: null, steps: [{ exit_code: null, stdout: { text: 'begun\n' } }] },
    });
    expect(await inspectContainer(engine, id)).toMatchObject({ status: 'exited' });
    await removeContainer(engine, id);
    expect(await inspectContainer(engine, id)).toBeUndefined();
    await removeContainer(engine, id);
  });

  test('one that ends its own shell ends the run, in the engine’s words', async () => {
    const result = await engine.run(['echo before; kill -9 -1; sleep 5', 'echo never'], {
      artifacts: artifactsOf('**'),
    });
    expect(result).toMatchObject({ how: 'ended', exit_code: 137, artifacts: null });
    expect(outline(result)).toEqual([[null, 'before\n', '']]);
  });

  test('a container that is gone, an image that is not there, one without a shell', async () => {
    const id = await engine.park();
    await removeContainer(engine, id);
    expect(await engine.run(['true'], { resume: true }, id)).toMatchObject({
      how: 'gone',
      exit_code: null,
      record: { steps: [] },
    });
    // Nobody can tell any more what ended it, and whoever wanted a stop has it.
    const stopped = { resume: true, stop: AbortSignal.abort() };
    expect(await engine.run(['true'], stopped, id)).toMatchObject({ how: 'stopped', exit_code: null });
    await expect(engine.park({ image: 'tutti-test/nowhere' })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await expect(engine.run(['true'], { resume: true }, { image: noShell })).rejects.toMatchObject({
      code: 'NO_SHELL',
    });
    await expect(engine.run(['true'], {}, { image: noShell })).rejects.toMatchObject({ code: 'NO_SHELL' });
    const nobody = await createEngine('unix:///nowhere/docker.sock');
    for (const call of [pingEngine(nobody), engineVersion(nobody)])
      await expect(call).rejects.toMatchObject({
        code: 'DOCKER_UNAVAILABLE',
        suggestion: expect.stringContaining('nstall'),
      });
  });

  test('sent twice it runs once; sent in part, then whole, it runs once', async () => {
    const script = scriptOf(['echo once >> ran; cat ran']);
    const text = dispatchText(script);
    const id = await engine.park();
    const session = await attach(engine, id, { output: false });
    await session.write(text.slice(0, text.length - 10));
    session.close();
    const other = await attach(engine, id, { output: false });
    await other.write(text + text);
    other.close();
    const result = await engine.run(['echo once >> ran; cat ran'], { resume: true, token: script.token }, id);
    expect(outline(result)).toEqual([[0, 'once\n', '']]);
    expect(result).toMatchObject({ how: 'finished', exit_code: 0 });
  });

  test('a connection that breaks changes nothing: the record is that of an unbroken run', async () => {
    const commands = [
      // Odd bytes, long lines, no newline at the end, empty lines, both streams.
      'printf "a\\0b\\377\\n\\n\\r\\nno newline"; printf "err\\n\\n" >&2',
      'echo long; sleep 0.5; yes x | tr -d "\\n" | head -c 100000; sleep 0.5; echo; echo middle >&2; sleep 0.5; printf tail',
      // Lines about as long as the pieces that the engine cuts them into.
      'for n in 16383 16384 16385 32768; do yes y | tr -d "\\n" | head -c $n; echo; done; echo; sleep 0.3; printf end',
      'seq 1 20000; exit 3',
    ];
    const whole = await engine.run(commands, { artifacts: artifactsOf('*') });
    const pieces: LiveOutput[] = [];
    let cuts = 0;
    const broken = await cuttable.run(commands, {
      onOutput: (piece) => {
        pieces.push(piece);
        if (/long|middle|tail/.test(piece.data.toString())) {
          cuts += 1;
          way.cut();
        }
      },
    });
    expect(cuts).toBe(3);
    const plain = (result: typeof whole) => ({
      ...result,
      artifacts: null,
      record: {
        ...result.record,
        usage: null,
        steps: result.record.steps.map((step) => ({ ...step, duration_seconds: 0, began_at_uptime: 0 })),
      },
    });
    expect(plain(broken)).toEqual(plain(whole));
    // And whoever watched was told each byte once.
    const told = (step: number) =>
      Buffer.concat(pieces.filter((piece) => piece.step === step && piece.stream === 'stdout').map(({ data }) => data));
    expect([0, 1, 2, 3].map((step) => told(step).length)).toEqual(whole.record.steps.map((step) => step.stdout.bytes));
  });

  test('a process that leaves hands over: another one goes on, and it ran once', async () => {
    const id = await engine.park();
    const leave = new AbortController();
    const commands = ['echo once >> ran; echo begun; sleep 1; cat ran', 'echo last'];
    const artifacts = artifactsOf('ran');
    const token = scriptOf([]).token;
    const first = engine.run(
      commands,
      { token, artifacts, leave: leave.signal, onOutput: () => leave.abort(new Error('leaving')) },
      id,
    );
    await expect(first).rejects.toThrow('leaving');
    expect(await inspectContainer(engine, id)).toMatchObject({ status: 'running' });
    const second = await engine.run(commands, { token, resume: true, artifacts }, id);
    expect(second).toMatchObject({ how: 'finished', exit_code: 0, artifacts: { taken: ['ran=once\n'] } });
    expect(outline(second).map(([, stdout]) => stdout)).toEqual(['begun\nonce\n', 'last\n']);
    // Whoever comes after the end reads the same.
    const third = await engine.run(commands, { token, resume: true }, id);
    expect(third.exit_code).toBe(0);
    expect(third.record.steps).toEqual(second.record.steps);
  });

  test('a container of which nothing is wanted ends with its script, whoever is there by then', async () => {
    const id = await engine.park();
    const leave = new AbortController();
    const [commands, token] = [['echo begun; sleep 1; exit 3'], scriptOf([]).token];
    const first = engine.run(commands, { token, leave: leave.signal, onOutput: () => leave.abort() }, id);
    await expect(first).rejects.toThrow();
    await expect.poll(() => inspectContainer(engine, id), { timeout: 30_000 }).toMatchObject({ status: 'exited' });
    const second = await engine.run(commands, { token, resume: true }, id);
    expect(second).toMatchObject({ how: 'finished', exit_code: 3, record: { exit_code: 3 } });
    expect(outline(second)).toEqual([[3, 'begun\n', '']]);
  });

  test('the engine’s events tell the end of a container; what they do not tell is asked', async () => {
    const [ends, stop] = [createEnds(), new AbortController()];
    const told: (number | undefined)[] = [];
    const handlers = {
      onEvent(event: EngineEvent) {
        ends.tell(event);
        if (event.action === 'die') told.push(event.exit_code);
      },
      onConnected: () => ends.hears(true),
      onLost: () => ends.hears(false),
    };
    const following = followEvents(engine, { 'io.tutti.server': engine.server }, handlers, stop.signal);
    await expect.poll(() => ends.heard, { timeout: 30_000 }).toBe(true);
    expect(await engine.run(['echo done'], { ends })).toMatchObject({ how: 'finished', exit_code: 0 });
    expect(await engine.run(['exit 7'], { ends })).toMatchObject({ how: 'finished', exit_code: 7 });
    expect(await engine.run(['kill -9 $PPID'], { ends })).toMatchObject({ how: 'ended', exit_code: 137 });
    const files = await engine.run(['echo x > x'], { ends, artifacts: artifactsOf('x') });
    expect(files).toMatchObject({ exit_code: 0, artifacts: { taken: ['x=x\n'] } });
    expect(told.slice(0, 4)).toEqual([0, 7, 137, 0]);
    stop.abort();
    await following;
    // It counts as heard, and nothing comes.
    expect(await engine.run(['echo done'], { ends })).toMatchObject({ how: 'finished', exit_code: 0 });
  });

  test('what was collected is told before the container ends, and not collected again after', async () => {
    const id = await engine.park();
    const token = scriptOf([]).token;
    const artifacts = artifactsOf('*', 'none');
    const states: unknown[] = [];
    const options = {
      token,
      artifacts,
      collected: async (found: unknown) => void states.push((await inspectContainer(engine, id))?.status, found),
    };
    const first = await engine.run(['echo x > x'], options, id);
    expect(first.artifacts).toEqual({ taken: ['x=x\n'], skipped: [], unmatched: ['none'] });
    expect(states).toEqual(['running', first.artifacts]);
    // As after a crash: all that is left of the work directory is an empty one.
    const second = await engine.run(['echo x > x'], { ...options, resume: true }, id);
    expect(second).toMatchObject({ how: 'finished', exit_code: 0, artifacts: null });
    expect(states).toHaveLength(2);
  });

  test('one that was left paused by a process that died over its files goes on', async () => {
    const id = await engine.park();
    const token = scriptOf([]).token;
    const commands = ['echo x > x; echo begun; sleep 1; echo ended'];
    const leave = new AbortController();
    const artifacts = artifactsOf('x');
    const first = engine.run(commands, { token, artifacts, leave: leave.signal, onOutput: () => leave.abort() }, id);
    await expect(first).rejects.toThrow();
    await pauseContainer(engine, id);
    const second = await engine.run(commands, { token, resume: true, artifacts }, id);
    expect(second).toMatchObject({ how: 'finished', exit_code: 0, artifacts: { taken: ['x=x\n'] } });
    expect(outline(second)[0]?.[1]).toBe('begun\nended\n');
  });

  test('a log that had to let go of its beginning still tells every step and the end', async () => {
    const id = await engine.park();
    const token = scriptOf([]).token;
    const commands = [
      'echo first',
      'yes 0123456789abcdef | tr "\\n" - | fold -w 1000 | head -c 67108864; echo; echo the end',
      'exit 5',
    ];
    const live = await engine.run(commands, { token }, id);
    const { record } = await engine.run(commands, { token, resume: true }, id);
    expect(record.exit_code).toBe(5);
    expect(record.steps.map((step) => step.exit_code)).toEqual([0, 0, 5]);
    expect(record.steps[1]?.stdout.text.slice(-20_000)).toBe(live.record.steps[1]?.stdout.text.slice(-20_000));
    expect(record.steps[1]?.stdout.bytes).toBeGreaterThan(16 * 2 ** 20);
  });

  test('an engine out of reach is told as such, and the run goes on when it is back', async () => {
    const id = await cuttable.park();
    const token = scriptOf([]).token;
    const commands = ['echo begun; sleep 1; echo ended'];
    const first = cuttable.run(
      commands,
      {
        token,
        onOutput: () => {
          way.refuse(true);
          way.cut();
        },
      },
      id,
    );
    await expect(first).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
    way.refuse(false);
    const second = await cuttable.run(commands, { token, resume: true }, id);
    expect(outline(second)).toEqual([[0, 'begun\nended\n', '']]);
  });

  test('markers that a job makes up are its output; with the true token it can only spoil its own report', async () => {
    const fake = `printf '\\036%s e 0 0 1\\036\\n\\036%s f 0 0 0 1\\036\\n'`;
    const guess = await engine.run([`${fake} 0123456789abcdef 0123456789abcdef; exit 4`]);
    expect(guess).toMatchObject({ exit_code: 4, record: { exit_code: 4 } });
    expect(outline(guess)[0]?.[1]).toContain('0123456789abcdef f 0 0 0 1');

    const token = scriptOf([]).token;
    const forged = await engine.run([`{ ${fake} ${token} ${token}; } | tee /dev/stderr; sleep 60; exit 4`], { token });
    // It said success and was still at work: the shell did not end when asked, so the engine killed it.
    expect(forged).toMatchObject({ how: 'finished', record: { exit_code: 0 }, exit_code: 137 });
  });

  test('a secret that a job prints is taken out, however it prints it', async () => {
    const secret = 'correct horse battery staple';
    const pieces: Buffer[] = [];
    const result = await engine.run(
      [
        'echo "$S"; echo "$S" | base64; echo "$S" | od -An -tx1 | tr -d " \\n"; printf "correct horse "; sleep 0.3; printf "battery staple\n"',
      ],
      { env: { S: secret }, redactors: createRedactors([secret]), onOutput: ({ data }) => pieces.push(data) },
    );
    const text = result.record.steps[0]?.stdout.text ?? '';
    expect(text.match(/\[redacted\]/g)).toHaveLength(4);
    expect(text).not.toMatch(/correct|staple/);
    expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    expect(Buffer.concat(pieces).toString()).toBe(text);
  });

  test('containers and volumes go with removal', async () => {
    const mine = await createTestEngine();
    const id = await mine.park();
    expect(await mine.volumes()).toHaveLength(1);
    await mine.run(['true'], {}, id);
    await Promise.all([removeContainer(mine, id), removeContainer(mine, id)]);
    expect([await mine.containers(), await mine.volumes()]).toEqual([[], []]);
  });
});
