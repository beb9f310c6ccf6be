import type { Frame } from '../docker/demux.ts';
import type { Script } from './bootstrap.ts';
import { type CappedOutput, type CapturedOutput, createCappedOutput, type OutputCaps } from './capped-output.ts';
import { createMarkerParser, type Marker, type Usage } from './markers.ts';
import type { Redactor, RedactorFactory } from './redact.ts';

type Stream = Frame['stream'];

/** One command as it went. */
export interface StepRecord {
  readonly command: string;
  /** Null while it runs, and for good when the container was ended beneath it. */
  readonly exit_code: number | null;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly duration_seconds: number | null;
  /** On the clock of the engine's machine since its boot: differences between steps count. */
  readonly began_at_uptime: number | null;
}

export interface ScriptRecord {
  /** The steps that began. */
  readonly steps: StepRecord[];
  /** Of the script; null when its last marker never came. It is the job's own word: the engine's exit code decides. */
  readonly exit_code: number | null;
  /** Its own word as well, from its cgroup. */
  readonly usage: Usage | null;
}

/** A piece of output as it comes, redacted. */
export interface LiveOutput {
  readonly step: number;
  readonly stream: Stream;
  /** Of the first byte among those of this step and stream, so that a second reading can be told from news. */
  readonly offset: number;
  readonly data: Buffer;
}

export interface Recorder {
  push(frame: Pick<Frame, 'stream' | 'data'>): void;
  /** Both streams said their last marker. */
  readonly done: boolean;
  /** Steps begun so far. */
  readonly begun: number;
  /** Call it once nothing comes any more. */
  finish(): ScriptRecord;
}

export interface RecorderOptions {
  readonly script: Pick<Script, 'token' | 'commands'>;
  readonly caps: OutputCaps;
  readonly redactors: RedactorFactory;
  readonly onOutput?: ((output: LiveOutput) => void) | undefined;
  readonly onStep?: ((step: number, exitCode: number | null) => void) | undefined;
}

interface Slot {
  readonly output: CappedOutput;
  readonly redactor: Redactor;
  offset: number;
}

interface StepMarks {
  begin?: number;
  end?: number;
  code?: number;
}

/** Makes the record of a script from its two streams: the same from the live ones as from the log. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { script, caps, redactors } = options;
  const marks: StepMarks[] = [];
  const finals = new Map<Stream, Marker & { kind: 'final' }>();
  let begun = 0;
  const readers = { stdout: createReader('stdout'), stderr: createReader('stderr') };

  function createReader(stream: Stream) {
    const slots = new Map<number, Slot>();
    let step = -1;
    const slotOf = (at: number): Slot => {
      const known = slots.get(at);
      if (known) return known;
      const slot = { output: createCappedOutput(caps), redactor: redactors(), offset: 0 };
      slots.set(at, slot);
      return slot;
    };
    const put = (at: number, data: Buffer) => {
      if (data.length === 0) return;
      const slot = slotOf(at);
      slot.output.push(data);
      options.onOutput?.({ step: Math.max(at, 0), stream, offset: slot.offset, data });
      slot.offset += data.length;
    };
    const flush = () => {
      const slot = slots.get(step);
      if (slot) put(step, slot.redactor.flush());
    };
    /** What came before the first marker is the end of a step whose beginning is lost, or what the shell itself said. */
    const moveTo = (marker: Marker & { kind: 'begin' | 'end' }) => {
      const early = slots.get(-1);
      if (step === -1 && early) {
        slots.delete(-1);
        slots.set(marker.kind === 'end' ? marker.step : Math.max(marker.step - 1, 0), early);
      } else if (marker.step !== step) flush();
      step = marker.step;
    };
    const parser = createMarkerParser(script.token, {
      data: (bytes) => {
        if (!finals.has(stream)) put(step, slotOf(step).redactor.push(bytes));
      },
      marker: (marker) => {
        if (marker.kind === 'final') {
          flush();
          finals.set(stream, marker);
          return;
        }
        if (marker.step >= script.commands.length) return;
        moveTo(marker);
        note(marker);
      },
    });
    return { slots, parser, flush };
  }

  /** Both streams say the same; who says it first is taken. */
  function note(marker: Marker & { kind: 'begin' | 'end' }): void {
    marks[marker.step] ??= {};
    const mark = marks[marker.step] as StepMarks;
    if (marker.kind === 'begin' && mark.begin === undefined) {
      mark.begin = marker.uptime;
      begun = Math.max(begun, marker.step + 1);
      options.onStep?.(marker.step, null);
    }
    if (marker.kind === 'end' && mark.end === undefined) {
      mark.end = marker.uptime;
      mark.code = marker.code;
      begun = Math.max(begun, marker.step + 1);
      options.onStep?.(marker.step, marker.code);
    }
  }

  function stepRecord(at: number): StepRecord {
    const mark = marks[at] ?? {};
    // Nothing runs after a step that failed: one of which only a later one is known went well.
    const lost = mark.code === undefined && at < marks.length - 1;
    const captured = (stream: Stream) => readers[stream].slots.get(at)?.output.read() ?? nothing;
    return {
      command: script.commands[at]?.command ?? '',
      exit_code: mark.code ?? (lost ? 0 : null),
      stdout: captured('stdout'),
      stderr: captured('stderr'),
      duration_seconds:
        mark.begin === undefined || mark.end === undefined ? null : Math.round((mark.end - mark.begin) * 100) / 100,
      began_at_uptime: mark.begin ?? null,
    };
  }

  return {
    push: (frame) => readers[frame.stream].parser.push(frame.data),
    get done() {
      return finals.size === 2;
    },
    get begun() {
      return begun;
    },
    finish() {
      for (const stream of ['stdout', 'stderr'] as const) {
        readers[stream].parser.end();
        if (!finals.has(stream)) readers[stream].flush();
      }
      const final = finals.get('stdout') ?? finals.get('stderr');
      return {
        steps: Array.from({ length: begun }, (_, at) => stepRecord(at)),
        exit_code: final?.code ?? null,
        usage: final?.usage ?? null,
      };
    },
  };
}

const nothing: CapturedOutput = { text: '', bytes: 0, cut_bytes: 0 };
