import { StringDecoder } from 'node:string_decoder';
import { inTransaction } from '../../../core/db/database.ts';
import { appendEvent } from '../../../core/events/store.ts';
import { logEvent } from '../contract.ts';
import { type CappedOutput, capsOf, createCappedOutput } from '../runner/capped-output.ts';
import type { LiveOutput } from '../runner/record.ts';
import { listSteps, putSteps, type RunRow, type StepRow } from '../runs/store.ts';
import type { RunNeeds } from './needs.ts';

/** Tells of a job's output while it runs: events of pieces, and steps as they are by then. */
export interface Live {
  onOutput(output: LiveOutput): void;
  onStep(step: number, exitCode: number | null): void;
  /** Tells the rest. */
  stop(): Promise<void>;
}

interface Chunk {
  readonly step: number;
  readonly stream: 'stdout' | 'stderr';
  text: string;
}

interface LiveStep {
  readonly stdout: CappedOutput;
  readonly stderr: CappedOutput;
  readonly beganAt: Date;
  exitCode: number | null;
}

const everyMs = 500;
/** Characters of an event, and of all events of a job; the steps keep more. */
const maxEventChars = 16_000;
const maxJobChars = 250_000;

export async function createLive(run: RunRow, needs: Pick<RunNeeds, 'db' | 'log'>): Promise<Live> {
  const { db, log } = needs;
  const caps = capsOf(run.spec.keep.output_kb);
  const steps = new Map<number, LiveStep>();
  const decoders = new Map<string, StringDecoder>();
  // What another process told before it died is not told again.
  const told = new Map<string, number>(
    (run.dispatched_at === null ? [] : await listSteps(db, run.id)).flatMap((step) => [
      [`${step.n} stdout`, step.stdout_bytes] as const,
      [`${step.n} stderr`, step.stderr_bytes] as const,
    ]),
  );
  let chunks: Chunk[] = [];
  let waiting = 0;
  let left = maxJobChars;
  let omitted = 0;
  let changed = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const stepOf = (n: number): LiveStep => {
    const known = steps.get(n);
    if (known) return known;
    const step = {
      stdout: createCappedOutput(caps),
      stderr: createCappedOutput(caps),
      beganAt: new Date(),
      exitCode: null,
    };
    steps.set(n, step);
    return step;
  };

  const schedule = () => {
    changed = true;
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(() => write(true));
    }, everyMs);
  };

  async function write(withSteps: boolean): Promise<void> {
    const [told, more] = [chunks, omitted];
    [chunks, waiting, omitted] = [[], 0, 0];
    if (!changed) return;
    changed = false;
    try {
      await inTransaction(db, async (tx) => {
        if (withSteps)
          await putSteps(
            tx,
            [...steps].map(([n, step]) => rowOf(run, n, step)),
          );
        if (told.length === 0 && more === 0) return;
        await appendEvent(tx, {
          type: logEvent,
          subject: `job:${run.id}`,
          toolset: 'ops',
          owner: run.principal_id,
          data: {
            job_id: run.name,
            system_job_id: run.id,
            untrusted: true,
            chunks: told,
            ...(more > 0 && { omitted_bytes: more }),
          },
        });
      });
    } catch (error) {
      log.debug({ job: run.id, error }, 'live output was not written');
    }
  }

  return {
    onOutput({ step, stream, offset, data }) {
      stepOf(step)[stream].push(data);
      const key = `${step} ${stream}`;
      const known = Math.max(0, (told.get(key) ?? 0) - offset);
      if (known < data.length) add(step, stream, key, data.subarray(known));
      schedule();
    },
    onStep(n, exitCode) {
      stepOf(n).exitCode = exitCode;
      schedule();
    },
    async stop() {
      clearTimeout(timer);
      await writing;
      await write(false);
    },
  };

  function add(step: number, stream: Chunk['stream'], key: string, data: Buffer): void {
    const room = Math.max(0, Math.min(left, maxEventChars - waiting));
    if (room === 0) {
      // Much output is not made text of for nothing.
      decoders.delete(key);
      omitted += data.length;
      return;
    }
    const decoder = decoders.get(key) ?? new StringDecoder('utf8');
    decoders.set(key, decoder);
    const text = decoder.write(data);
    const taken = text.slice(0, room);
    waiting += taken.length;
    left -= taken.length;
    omitted += Buffer.byteLength(text) - Buffer.byteLength(taken);
    if (taken === '') return;
    const last = chunks.at(-1);
    if (last?.step === step && last.stream === stream) last.text += taken;
    else chunks.push({ step, stream, text: taken });
  }
}

function rowOf(run: RunRow, n: number, step: LiveStep): StepRow {
  const [stdout, stderr] = [step.stdout.read(), step.stderr.read()];
  return {
    run_id: run.id,
    n,
    command: run.spec.commands[n] ?? '',
    exit_code: step.exitCode,
    stdout: stdout.text,
    stderr: stderr.text,
    stdout_bytes: stdout.bytes,
    stderr_bytes: stderr.bytes,
    stdout_cut: stdout.cut_bytes,
    stderr_cut: stderr.cut_bytes,
    duration_seconds: null,
    began_at: step.beganAt,
  };
}
