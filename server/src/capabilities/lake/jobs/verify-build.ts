import { AppError } from '../../../core/errors.ts';
import { addChecksums } from '../engine/checksum.ts';
import type { ObjectTable } from '../tables/version-tables.ts';
import { withTables } from '../tables/version-tables.ts';
import type { Course, IngestNeeds } from './ingest-course.ts';
import type { IngestOptions } from './ingest-work.ts';
import { type Expected, type Pointer, planOf, type RowPart, type Target } from './target.ts';

/** Objects whose rows are counted in one call, where rows of different objects have nothing to do with each other. */
const objectsAtOnce = 100;

/**
 * Holds what was built against what the tables say it must hold: the number of rows, a checksum over all of them, and that the
 * canary queries find something. Fails with VERIFICATION_FAILED.
 */
export async function verifyBuild(
  course: Course,
  pointer: Pointer,
  /** By the counters of the job; and, unless its options leave that out, by the tables. */
  { counted, tabled }: { readonly counted: number; readonly tabled: Expected | null },
  target: Target,
  signal: AbortSignal,
): Promise<{ rows: number; checksum: string | null }> {
  const options: IngestOptions = course.build.options;
  const expected: Expected = tabled ?? { rows: counted };
  const found = await target.verify(course.build, pointer, tabled !== null, { signal });
  if (found.rows !== expected.rows || found.rows !== counted || found.checksum !== expected.checksum) {
    throw failed('The index does not hold the rows of its version', { expected, found, counted });
  }
  for (const query of options.canary_queries ?? []) {
    if (((await target.probe?.(course.build, pointer, query, { signal })) ?? 1) === 0)
      throw failed('A canary query finds nothing', { query });
  }
  for (const query of options.warm_queries ?? []) await target.probe?.(course.build, pointer, query, { signal });
  return { rows: found.rows, checksum: found.checksum ?? null };
}

/** What the build must hold by the tables of its objects; null where the options leave that out. */
export async function expectedOf(
  { build, plan, tables }: Course,
  needs: IngestNeeds,
  signal: AbortSignal,
): Promise<Expected | null> {
  const rowPlan = planOf(build);
  const options: IngestOptions = build.options;
  if (options.verify === false) return null;
  // With ids of their own, rows of any two objects may be the same one.
  const atOnce = rowPlan.mapping.id === undefined ? objectsAtOnce : Math.max(1, tables.tables.length);
  let rows = 0;
  const checksums: string[] = [];
  for (let at = 0; at < tables.tables.length; at += atOnce) {
    const some = tables.tables.slice(at, at + atOnce);
    const found = await withTables(plan.of, some, needs, { signal }, (held) => {
      const parts = some.map((table, index) => wholePart(table, held[index]?.files ?? []));
      return needs.engines.run('expected_rows', { ...rowPlan, parts }, { signal });
    });
    rows += found.rows;
    checksums.push(found.checksum);
  }
  return { rows, checksum: addChecksums(...checksums) };
}

/** All records of an object. */
export function wholePart({ object, columns, rows, rejected }: ObjectTable, files: readonly string[]): RowPart {
  return { key: object.key, sha256: object.sha256, files, columns, from: 0, to: rows + rejected };
}

function failed(what: string, details: object): AppError {
  return new AppError(
    'VERIFICATION_FAILED',
    `${what}; it is not served, and what was served stays.`,
    'Start the ingest again with options.mode rebuild; see details.',
    details,
  );
}
