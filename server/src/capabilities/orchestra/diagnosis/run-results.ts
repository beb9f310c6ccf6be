import { z } from 'zod';

const result = z.object({
  unique_id: z.string().catch(''),
  status: z.string().catch(''),
  message: z.string().nullish().catch(null),
  compiled_code: z.string().nullish().catch(null),
});
const file = z.object({ results: z.array(z.unknown()) });

/** A model or test that went wrong, as dbt says in `run_results.json`. */
export interface FailedNode {
  readonly uniqueId: string;
  readonly status: string;
  readonly message: string;
  readonly compiledCode: string | null;
}

const failures = new Set(['error', 'fail', 'runtime error', 'partial success']);

/** Whether an artifact of this name is one. */
export function isRunResults(filename: string): boolean {
  return /(?:^|[\\/])run_results\.json$/.test(filename);
}

/**
 * What went wrong by `run_results.json` of dbt, whichever version; warnings count where nothing failed. Null where the text is none.
 */
export function failedNodes(text: string): readonly FailedNode[] | null {
  const read = file.safeParse(parsed(text));
  if (!read.success) return null;
  const nodes = read.data.results.flatMap((one) => {
    const known = result.safeParse(one);
    if (!known.success) return [];
    const { unique_id, status, message, compiled_code } = known.data;
    return [
      {
        uniqueId: unique_id,
        status: status.toLowerCase(),
        message: message ?? '',
        compiledCode: compiled_code ?? null,
      },
    ];
  });
  const failed = nodes.filter(({ status }) => failures.has(status));
  return failed.length > 0 ? failed : nodes.filter(({ status }) => status === 'warn');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
