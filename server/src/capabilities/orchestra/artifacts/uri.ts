import { AppError } from '../../../core/errors.ts';
import type { ArtifactPlace } from './piece.ts';

/** What stands behind `orchestra://`. */
export const artifactPath = 'runs/{run}/tasks/{task}/artifacts/{name}';

export function artifactUri({ runId, taskRunId, filename }: ArtifactPlace): string {
  return `orchestra://runs/${runId}/tasks/${taskRunId}/artifacts/${encodeURIComponent(filename.toWellFormed())}`;
}

/** The file that such a path means. Throws `NOT_FOUND` for any other. */
export function artifactAt(path: string): ArtifactPlace {
  const [, runId = '', taskRunId = '', name = ''] =
    /^runs\/([^/]+)\/tasks\/([^/]+)\/artifacts\/(.+)$/s.exec(path) ?? [];
  const filename = decoded(name);
  if (filename) return { runId, taskRunId, filename };
  throw noSuchResource();
}

export function noSuchResource(): AppError {
  return new AppError(
    'NOT_FOUND',
    'There is no such resource.',
    `Use orchestra://${artifactPath}, as get_task_run_artifacts answers it.`,
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
