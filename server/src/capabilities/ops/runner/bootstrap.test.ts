import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrap, type Command, dispatchText, endText, newToken, quote, type Script } from './bootstrap.ts';
import { defaultCaps } from './capped-output.ts';
import { createRecorder, type ScriptRecord } from './record.ts';
import { createRedactors } from './redact.ts';

const shells = [['/bin/sh'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([program = '', ...more]) => spawnSync(program, [...more, '-c', 'true']).status === 0,
);

const scriptOf = (commands: readonly (string | Command)[], env: Record<string, string> = {}): Script => ({
  token: newToken(),
  commands: commands.map((command) => (typeof command === 'string' ? { command } : command)),
  env,
});

/** Feeds a real shell, and reads what it said as the runner does. */
async function feed(
  shell: readonly string[],
  script: Script,
  input: string,
  { open = false } = {},
): Promise<ScriptRecord & { code: number }> {
  const [program = '', ...more] = shell;
  const child: ChildProcessWithoutNullStreams = spawn(program, [...more, '-c', bootstrap], { cwd: '/tmp' });
  const recorder = createRecorder({ script, caps: defaultCaps, redactors: createRedactors([]) });
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (data: Buffer) => recorder.push({ stream, data }));
  child.stdin.on('error', () => undefined);
  if (open) child.stdin.write(input);
  else child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { ...recorder.finish(), code };
}

const run = (shell: readonly string[], commands: readonly (string | Command)[], env?: Record<string, string>) => {
  const script = scriptOf(commands, env);
  return feed(shell, script, dispatchText(script) + endText);
};

test('at least one shell is here to be fed', () => {
  expect(shells.length).toBeGreaterThan(0);
});

describe.each(shells)('%s %s', (...shell) => {
  test('commands run one after the other, each with its own output and code, until one fails', async () => {
    const found = await run(shell, [
      'echo one; echo e >&2',
      { command: 'pwd', cwd: '/usr' },
      'printf half; exit 7',
      'echo never',
    ]);
    expect(found.steps.map((step) => [step.exit_code, step.stdout.text, step.stderr.text])).toEqual([
      [0, 'one\n', 'e\n'],
      [0, '/usr\n', ''],
      [7, 'half', ''],
    ]);
    expect([found.exit_code, found.code]).toEqual([7, 7]);
    expect(found.steps[0]?.duration_seconds).toBeGreaterThanOrEqual(0);
  });

  test('the exit code is the last one, 0 when all went well, 128 and the signal when one was killed', async () => {
    expect(await run(shell, ['true'])).toMatchObject({ exit_code: 0, code: 0 });
    expect(await run(shell, ['kill -9 $$'])).toMatchObject({ exit_code: 137, code: 137 });
    const [nowhere] = (await run(shell, [{ command: 'echo ran', cwd: '/nowhere' }])).steps;
    expect(nowhere).toMatchObject({ exit_code: expect.toSatisfy((code) => code > 0), stdout: { text: '' } });
    expect(nowhere?.stderr.text).toContain('/nowhere');
  });

  test('what all of it used is told, whatever this machine has files for', async () => {
    const { usage } = await run(shell, ['true']);
    expect(Object.keys(usage ?? {})).toEqual([
      'cpu_seconds',
      'memory_peak_bytes',
      'network_rx_bytes',
      'network_tx_bytes',
      'disk_read_bytes',
      'disk_write_bytes',
    ]);
    for (const figure of Object.values(usage ?? {})) expect(figure).toBeGreaterThanOrEqual(0);
  });

  test('no command reads what is meant for the shell, or changes it', async () => {
    const found = await run(shell, ['cat; read x; echo "[$x]"; __c=5; IFS=x; cd /', 'pwd; echo $__c'], {
      IFS: 'b',
      code: '1',
      A: '2',
    });
    expect(found.steps.map((step) => step.stdout.text)).toEqual(['[]\n', '/tmp\n\n']);
    expect(found.code).toBe(0);
  });

  test('without a script it ends with 125, on `!end` and at the end of its input', async () => {
    expect((await feed(shell, scriptOf([]), endText)).code).toBe(125);
    expect((await feed(shell, scriptOf([]), '')).code).toBe(125);
  });

  test('with `last` it ends with its script, which has come whole before', async () => {
    const script = scriptOf(['echo ran', 'exit 4']);
    const text = dispatchText(script, { last: true });
    // Its input stays open.
    expect(await feed(shell, script, text.slice(0, text.length >> 1) + text, { open: true })).toMatchObject({
      steps: [{ stdout: { text: 'ran\n' } }, { exit_code: 4 }],
      code: 4,
    });
    expect(await feed(shell, script, `!fin\n!go 1\n!fin\n${text}`, { open: true })).toMatchObject({ code: 4 });
    expect(await feed(shell, script, '!fin\n')).toMatchObject({ steps: [], code: 125 });
  });

  test('a script that comes twice runs once, one that comes in part never', async () => {
    const script = scriptOf(['echo ran']);
    const text = dispatchText(script);
    const twice = await feed(shell, script, text + text + endText);
    expect(twice.steps).toMatchObject([{ stdout: { text: 'ran\n' } }]);
    for (const length of [1, 5, 12, text.length >> 1, text.length - 4, text.length - 1]) {
      const part = text.slice(0, length);
      expect(await feed(shell, script, part)).toMatchObject({ steps: [], code: 125 });
      expect(await feed(shell, script, part + text + endText)).toMatchObject({
        steps: [{ stdout: { text: 'ran\n' } }],
        code: 0,
      });
    }
  });

  test('two senders at once run it once or not at all, never a mixture', async () => {
    const script = scriptOf(['echo a', 'echo b']);
    // Whoever is broken into within a line: by at least the end of another one.
    const longest = Math.max(
      ...dispatchText(script)
        .split('\n')
        .map((line) => line.length),
    );
    const turn = fc.tuple(fc.boolean(), fc.integer({ min: longest + 1, max: 3 * longest }));
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 20, size: 'max' }), async (turns) => {
        const left = [dispatchText(script), dispatchText(script)] as [string, string];
        let mixed = '';
        for (const [first, length] of turns) {
          const at = first ? 0 : 1;
          mixed += left[at].slice(0, length);
          left[at] = left[at].slice(length);
        }
        const found = await feed(shell, script, `${mixed}\n${dispatchText(script)}${endText}`);
        expect(found.steps.map((step) => step.stdout.text)).toEqual(['a\n', 'b\n']);
      }),
      { numRuns: 15 },
    );
  });

  test.each([1, 3, 10])(
    'nor where both together sent as many lines as it has: %i of one for those of the other',
    async (count) => {
      const script = scriptOf(['echo a', 'echo b']);
      const [one, two] = [0, 1].map(() => dispatchText(script).trim().split('\n')) as [string[], string[]];
      const mixed = [
        ...one.slice(0, 1 + count),
        two[0],
        ...one.slice(1 + count, -1),
        ...two.slice(1, 1 + count),
        one.at(-1),
      ];
      const found = await feed(shell, script, `${mixed.join('\n')}\n${dispatchText(script)}${endText}`);
      expect(found.steps.map((step) => step.stdout.text)).toEqual(['a\n', 'b\n']);
    },
  );

  test('any text reaches a command as it is', async () => {
    const character = fc.constantFrom(
      ...`'"\\$\`!#;&|<>(){}[]*?~ \t\nab+%^é漢😀\x01\x7f\x81`,
      '!go 1\n',
      '!end\n',
      "'\\''",
    );
    const text = fc.string({ unit: character, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (texts) => {
        const commands = texts.map((each, at) => `printf '%s|' "$V${at}" ${quote(each)}`);
        const found = await run(shell, commands, Object.fromEntries(texts.map((each, at) => [`V${at}`, each])));
        expect(found.steps.map((step) => step.stdout.text)).toEqual(texts.map((each) => `${each}|${each}|`));
      }),
      { numRuns: 12 },
    );
  });
});

test.each(['', '1A', 'A-B', 'A B', '__c', 'A=B', 'é', "A'"])('%j is no name of a variable', (name) => {
  expect(() => dispatchText(scriptOf(['true'], { [name]: 'x' }))).toThrow(
    expect.objectContaining({ code: 'VALIDATION_FAILED' }),
  );
});

test('a NUL is refused: no shell takes it', () => {
  expect(() => dispatchText(scriptOf(['echo a\0b']))).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
});
