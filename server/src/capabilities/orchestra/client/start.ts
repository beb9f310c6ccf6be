import type { PipelineRun } from '../api/schemas.ts';
import { OrchestraError } from '../errors.ts';
import type { TimeWindow } from './windows.ts';

/** What came of asking for a run. */
export type Started =
  | { readonly outcome: 'started'; readonly runId: string; readonly message: string | null }
  | {
      /** No answer came, and it may run all the same. It is never asked for again. */
      readonly outcome: 'uncertain';
      readonly why: OrchestraError;
      /** Runs of the pipeline since then; null where they could not be read. */
      readonly candidates: readonly PipelineRun[] | null;
    };

/** How far their clock may be from ours. */
const skewMs = 60_000;

/**
 * Asks for a run once. Where its outcome is unknown the runs since then are looked up, twice, for a run takes a moment to
 * appear. Throws what was refused before it had any effect.
 */
export async function startOnce(
  ask: () => Promise<{ readonly pipelineRunId: string; readonly message: string | null }>,
  runsWithin: (window: TimeWindow) => Promise<readonly PipelineRun[]>,
  wait: () => Promise<void>,
  now: () => number,
): Promise<Started> {
  const from = now() - skewMs;
  try {
    const { pipelineRunId, message } = await ask();
    return { outcome: 'started', runId: pipelineRunId, message };
  } catch (error) {
    if (!(error instanceof OrchestraError) || error.effect === 'none') throw error;
    return { outcome: 'uncertain', why: error, candidates: await lookUp() };
  }

  async function lookUp(): Promise<readonly PipelineRun[] | null> {
    try {
      const found = await runsWithin({ from, to: now() + skewMs });
      if (found.length > 0) return found;
      await wait();
      return await runsWithin({ from, to: now() + skewMs });
    } catch (error) {
      if (error instanceof OrchestraError) return null;
      throw error;
    }
  }
}
