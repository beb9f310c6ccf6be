import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../docker/client.ts';
import {
  inspectContainer,
  isAlive,
  killContainer,
  lacksShell,
  pauseContainer,
  unpauseContainer,
  waitForEnd,
} from '../docker/containers.ts';
import type { Ends } from '../docker/ends.ts';
import { type Attached, attach } from '../docker/streams.ts';
import { noShell } from '../errors.ts';
import { endText } from './bootstrap.ts';
import { type ArtifactRequest, type CollectedArtifacts, collectArtifacts } from './collect.ts';
import { type Followed, type FollowOptions, followScript } from './follow.ts';
import type { ScriptRecord } from './record.ts';

export interface RunOptions<T> extends Omit<FollowOptions, 'signal' | 'last'> {
  /** Tells the end of the container sooner than the engine's answers do, where events come. */
  readonly ends?: Ends;
  /** The script said its last word; the container is about to end. */
  readonly onFinished?: (record: ScriptRecord) => void;
  readonly artifacts?: ArtifactRequest<T>;
  /** Awaited after the collection and before the container is ended: once it is, nothing can be collected again. */
  readonly collected?: (artifacts: CollectedArtifacts<T>) => Promise<void>;
  /** The job's timeout or cancellation: what is there is collected and the container killed. */
  readonly stop: AbortSignal;
  /** This process leaves: throws its reason and touches nothing, for another one to go on with `resume`. */
  readonly leave: AbortSignal;
}

export interface RunResult<T> {
  /**
   * `finished`: the script said its last word. `ended`: the container ended before it did. `stopped`: by `stop`.
   * `gone`: there is no container any more.
   */
  readonly how: 'finished' | 'ended' | 'stopped' | 'gone';
  /** The engine's word, which decides: 0 is success whatever the record says. Null when the container is gone. */
  readonly exit_code: number | null;
  /** A process of it was ended for want of memory. Not looked for where it ended well. */
  readonly oom_killed: boolean;
  readonly record: ScriptRecord;
  /** Null where none were asked for, or where the container ended before they could be taken. */
  readonly artifacts: CollectedArtifacts<T> | null;
}

const collectMs = 60_000;
const collectStoppedMs = 15_000;
const endMs = 5000;
/** How long its event is waited for alone. */
const eventMs = 100;

/**
 * Runs a script in a parked container to its end: dispatch, follow, collect, end. Afterwards the container has ended and is to be
 * removed. May be called again with `resume` after any failure: the script runs once. Throws DOCKER_UNAVAILABLE,
 * NO_SHELL, INVALID_PATH, what `take` of the artifacts throws, and the reason of `leave`.
 */
export async function runInContainer<T>(engine: Engine, id: string, options: RunOptions<T>): Promise<RunResult<T>> {
  const { stop, leave, ends } = options;
  const signal = AbortSignal.any([stop, leave]);
  const word = ends?.heard ? ends.watch(id) : undefined;
  const last = !wantsArtifacts(options);
  try {
    const followed = await followScript(engine, id, { ...options, last, signal });
    try {
      if (!stop.aborted) leave.throwIfAborted();
      if (followed.how === 'finished') options.onFinished?.(followed.record);
      return await conclude(engine, id, options, followed, { asked: last, word: word?.code });
    } finally {
      followed.session?.close();
    }
  } finally {
    word?.stop();
  }
}

function wantsArtifacts<T>({ artifacts }: RunOptions<T>): boolean {
  return artifacts !== undefined && artifacts.patterns.length > 0;
}

async function conclude<T>(
  engine: Engine,
  id: string,
  options: RunOptions<T>,
  { how: followed, record, session }: Followed,
  end: { readonly asked: boolean; readonly word: Promise<number> | undefined },
): Promise<RunResult<T>> {
  const how = followed === 'left' ? 'stopped' : followed;
  const { artifacts: request } = options;
  const artifacts =
    request && wantsArtifacts(options) && (how === 'finished' || how === 'stopped')
      ? await collectPaused(engine, id, request, how)
      : null;
  if (artifacts) await options.collected?.(artifacts);
  const code = how === 'finished' ? await awaitEnd(engine, id, { ...end, session }) : undefined;
  if (code === 0) return { how, exit_code: 0, oom_killed: false, record, artifacts };
  const state = how === 'ended' ? await inspectContainer(engine, id) : await killContainer(engine, id);
  if (state && how === 'ended' && record.steps.length === 0 && lacksShell(state)) throw noShell(state.image);
  return {
    how: state || how === 'stopped' ? how : 'gone',
    exit_code: state?.exit_code ?? null,
    oom_killed: state?.oom_killed ?? false,
    record,
    artifacts,
  };
}

/**
 * Paused, so that nothing changes a file while it is read; one that is to be stopped never goes on. Null where it has ended: then
 * its work directory is gone, and what stands there in its place is empty.
 */
async function collectPaused<T>(
  engine: Engine,
  id: string,
  request: ArtifactRequest<T>,
  how: 'finished' | 'stopped',
): Promise<CollectedArtifacts<T> | null> {
  const signal = AbortSignal.timeout(how === 'stopped' ? collectStoppedMs : collectMs);
  const paused = await pauseContainer(engine, id);
  if (!paused && !isAlive(await inspectContainer(engine, id))) return null;
  try {
    return await collectArtifacts(engine, id, request, signal);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CONTAINER_NOT_FOUND') return null;
    throw error;
  } finally {
    if (how === 'finished') await unpauseContainer(engine, id);
  }
}

/**
 * Waits until the container has ended, and answers its exit code where an event of the engine told it: if that is 0, nothing else
 * need be asked. A shell that does not end with its script is asked to, and once more over a new connection: one that broke may
 * have swallowed the word. One that does not listen, for its script runs on, is left to be killed.
 */
async function awaitEnd(
  engine: Engine,
  id: string,
  { asked, session, word }: { asked: boolean; session: Attached | undefined; word: Promise<number> | undefined },
): Promise<number | undefined> {
  const connections = [...(asked ? [] : [async () => session]), () => attach(engine, id, { output: false })];
  try {
    if (asked) return await endOf(engine, id, word);
  } catch {
    // It is asked now.
  }
  for (const connect of connections) {
    const connection = await connect().catch(() => undefined);
    try {
      if (!connection) continue;
      await connection.write(endText);
      return await endOf(engine, id, word);
    } catch {
      // It is asked again, or killed; an engine that is away shows there.
    } finally {
      connection?.close();
    }
  }
  return undefined;
}

/** Waits for the end, by the engine's event for a moment, then by its answer. Throws when neither comes in time. */
async function endOf(engine: Engine, id: string, word: Promise<number> | undefined): Promise<number | undefined> {
  const code = word && (await Promise.race([word, sleep(eventMs, undefined, { ref: false })]));
  // What is to be asked about one that failed is known with the answer.
  if (code !== 0) await waitForEnd(engine, id, AbortSignal.timeout(endMs));
  return code ?? undefined;
}
