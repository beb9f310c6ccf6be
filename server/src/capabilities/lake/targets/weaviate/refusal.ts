import { AppError, untrusted } from '../../../../core/errors.ts';

/** Statuses of gRPC with which a call may do better later. What Weaviate itself refuses comes as UNKNOWN. */
const passing = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'ABORTED', 'CANCELLED'];

/** The status of gRPC that the client's words tell of, which keep nothing else of it. */
function grpcStatus(message: string): string | undefined {
  return /\/weaviate\.v1\.Weaviate\/\w+ ([A-Z_]+):/.exec(message)?.[1];
}

/** Whether an answer was larger than a message may be. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && grpcStatus(error.message) === 'RESOURCE_EXHAUSTED';
}

/** Whether the API key is not taken. */
export function isUnauthenticated(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'WeaviateUnauthenticatedError' || grpcStatus(error.message) === 'UNAUTHENTICATED';
}

/**
 * What the client threw, in our own words: UPSTREAM_FAILED where it may pass, so that a job's step is tried again, else
 * ENGINE_FAILED; what Weaviate said goes along as foreign text.
 */
export function refusal(error: unknown, name: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const { name: kind, message } = error;
  const status = grpcStatus(message);
  const said = { instance: untrusted(`weaviate:${name}`, message, 500) };
  const { code } = error as { code?: unknown };
  const failed = typeof code === 'number' && (code >= 500 || code === 429);
  const away =
    failed ||
    kind === 'AbortError' ||
    kind === 'WeaviateRequestTimeoutError' ||
    (kind === 'TypeError' && message === 'fetch failed') ||
    message.includes('RST_STREAM') ||
    (status !== undefined && passing.includes(status));
  if (away) {
    return new AppError(
      'UPSTREAM_FAILED',
      `The Weaviate instance ${name} does not answer as it should.`,
      'Try again later: an ingest goes on where it stopped.',
      said,
    );
  }
  if (!kind.startsWith('Weaviate')) return error;
  return new AppError(
    'ENGINE_FAILED',
    `The Weaviate instance ${name} refused this call.`,
    'Read the details for what it said; ask the operator to compare lake.weaviate with the instance.',
    said,
  );
}
