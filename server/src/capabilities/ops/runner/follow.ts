import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../docker/client.ts';
import { inspectContainer, isAlive, unpauseContainer } from '../docker/containers.ts';
import type { Frame } from '../docker/demux.ts';
import { type Attached, attach, readLogs } from '../docker/streams.ts';
import { dispatchText, type Script } from './bootstrap.ts';
import { defaultCaps, type OutputCaps } from './capped-output.ts';
import { eachOnce } from './live-output.ts';
import { createRecorder, type LiveOutput, type Recorder, type ScriptRecord } from './record.ts';
import type { RedactorFactory } from './redact.ts';

export interface FollowOptions {
  readonly script: Script;
  readonly redactors: RedactorFactory;
  readonly caps?: OutputCaps;
  /** The script may have been sent before, by this process or one that died: read from the start what came of it. */
  readonly resume: boolean;
  /** The container ends with the script: nothing is wanted of it afterwards. */
  readonly last?: boolean;
  /** Awaited before the script is first sent, while the connection is made; not with `resume`. */
  readonly beforeSending?: () => Promise<void>;
  readonly onOutput?: (output: LiveOutput) => void;
  /** A step began (null) or ended with a code; told anew where the output is read anew. */
  readonly onStep?: (step: number, exitCode: number | null) => void;
  /** Leave; the container goes on. */
  readonly signal: AbortSignal;
}

export interface Followed {
  /** `finished`: the script said its last word and the shell waits. `ended`: the container did, before. `left`: the signal. */
  readonly how: 'finished' | 'ended' | 'gone' | 'left';
  readonly record: ScriptRecord;
  /** Of one that finished, the connection that it was followed by: whoever gets it closes it. */
  readonly session?: Attached | undefined;
}

const resendMs = 5000;
const againMs = 200;
const silentMs = 300;

/**
 * Sends the script and follows it to its last marker. Where the connection breaks it is sent again, which changes nothing if it
 * came, and the output is read again from the log of the container. Throws DOCKER_UNAVAILABLE: call it again with `resume`.
 */
export async function followScript(engine: Engine, id: string, options: FollowOptions): Promise<Followed> {
  const onOutput = options.onOutput && eachOnce(options.onOutput);
  const create = () =>
    createRecorder({
      script: options.script,
      caps: options.caps ?? defaultCaps,
      redactors: options.redactors,
      onOutput,
      onStep: options.onStep,
    });
  let best: ScriptRecord | undefined;
  for (let again = options.resume; ; again = true) {
    if (best) await sleep(againMs);
    const recorder = create();
    const state = again ? await inspectContainer(engine, id) : undefined;
    // Whoever paused it to collect its files died over it.
    if (state?.status === 'paused') await unpauseContainer(engine, id);
    const alive = !again || isAlive(state);
    const session = alive ? await sendAndRead(engine, id, options, recorder, again) : undefined;
    if (!alive) await readEnded(engine, id, options.signal, recorder);
    const record = recorder.finish();
    if (recorder.done) return { how: 'finished', record, session };
    best = longer(best, record);
    if (options.signal.aborted) return { how: 'left', record: best };
    if (!alive) return { how: state ? 'ended' : 'gone', record: best };
  }
}

/** Answers the connection where the script finished. */
async function sendAndRead(
  engine: Engine,
  id: string,
  options: FollowOptions,
  recorder: Recorder,
  again: boolean,
): Promise<Attached | undefined> {
  const { signal } = options;
  const ready = again ? undefined : options.beforeSending?.();
  ready?.catch(() => undefined);
  let session: Attached;
  try {
    session = await attach(engine, id, { output: !again });
  } catch (error) {
    await ready;
    // It ended as we came.
    if (!isAlive(await inspectContainer(engine, id))) return undefined;
    throw error;
  }
  try {
    await ready;
  } catch (error) {
    session.close();
    throw error;
  }
  signal.addEventListener('abort', session.close);
  // A text that got lost or mixed with another sender's does nothing, so it is sent until something comes of it.
  const send = () => session.write(dispatchText(options.script, options)).catch(() => undefined);
  const resend = setInterval(() => {
    if (recorder.begun === 0) void send();
  }, resendMs);
  // To attach to one that has ended is to wait for ever. What has begun was there, and its end shows.
  const look = setTimeout(() => {
    if (recorder.begun > 0) return;
    inspectContainer(engine, id).then(
      (state) => recorder.begun > 0 || isAlive(state) || session.close(),
      () => undefined,
    );
  }, silentMs);
  try {
    if (signal.aborted) return undefined;
    void send();
    await consume(again ? readLogs(engine, id, { follow: true, signal }) : session.frames, recorder);
    return recorder.done ? session : undefined;
  } finally {
    clearInterval(resend);
    clearTimeout(look);
    signal.removeEventListener('abort', session.close);
    if (!recorder.done) session.close();
  }
}

async function readEnded(engine: Engine, id: string, signal: AbortSignal, recorder: Recorder): Promise<void> {
  try {
    await consume(readLogs(engine, id, { follow: false, signal }), recorder);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'CONTAINER_NOT_FOUND') throw error;
  }
}

async function consume(frames: AsyncIterable<Frame>, recorder: Recorder): Promise<void> {
  for await (const frame of frames) {
    recorder.push(frame);
    if (recorder.done) return;
  }
}

/** The log may have lost its beginning, a live reading its end. */
function longer(before: ScriptRecord | undefined, now: ScriptRecord): ScriptRecord {
  const size = ({ steps }: ScriptRecord) => steps.reduce((sum, step) => sum + step.stdout.bytes + step.stderr.bytes, 0);
  return before && size(before) > size(now) ? before : now;
}
