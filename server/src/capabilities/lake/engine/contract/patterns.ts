import { openReader, quoted } from '../duckdb.ts';
import type { EngineOps } from '../protocol.ts';

/** Asks the engine of each pattern whether it can be run at all. */
export async function checkPatterns({
  patterns,
}: EngineOps['patterns']['input']): Promise<EngineOps['patterns']['output']> {
  const { connection, close } = await openReader([], 256);
  try {
    const errors: (string | null)[] = [];
    for (const pattern of patterns) {
      try {
        // Of a value that the planner does not know, or a pattern would be judged by its first letters only.
        await connection.runAndReadAll(`SELECT regexp_matches(v::VARCHAR, ${quoted(pattern, "'")}) FROM range(1) t(v)`);
        errors.push(null);
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }
    return { errors };
  } finally {
    close();
  }
}
