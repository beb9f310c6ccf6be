import type { Db } from '../../../core/db/database.ts';
import { untrusted } from '../../../core/errors.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { inferContract } from '../contracts/infer.ts';
import type { ColumnProfile } from '../engine/protocol.ts';
import type { QueryNeeds } from '../queries/run.ts';
import { findDataset } from '../store.ts';
import { versionTables, withTables } from '../tables/version-tables.ts';
import { versionObjects } from './version-objects.ts';

export interface ProfileInput {
  readonly dataset_id: string;
  readonly version: string;
  readonly wanted: 'profile' | 'contract';
}

/** Columns that are told of; get a single one by a query. */
const maxColumns = 500;

/** Looks at every column of a version, or drafts a contract that the version satisfies. */
export const profile = (needs: QueryNeeds & { readonly db: Db }): JobHandler => ({
  kind: 'lake.profile',
  version: 1,
  scope: 'lake:write',
  async run(context, rawInput) {
    const input = rawInput as unknown as ProfileInput;
    const plan = await context.transaction('plan', async (tx) => ({
      ...(await versionObjects(tx, input.dataset_id, input.version)),
      name: (await findDataset(tx, input.dataset_id))?.name ?? input.dataset_id,
    }));
    const { tables } = await versionTables(context, plan, needs);
    const options = { signal: context.signal };
    if (input.wanted === 'contract') {
      const contract = await context.step('infer', () => inferContract(plan, tables, needs, options), {
        retries: 3,
        backoffMs: 500,
      });
      return { version: plan.version, contract };
    }
    const found = await context.step(
      'profile',
      () =>
        withTables(plan, tables, needs, options, (held) =>
          needs.engines.run(
            'profile',
            {
              tables: tables.map(({ object, columns }, at) => ({
                key: object.key,
                files: held[at]?.files ?? [],
                columns,
                sparse: false,
              })),
            },
            options,
          ),
        ),
      { retries: 3, backoffMs: 500 },
    );
    context.progress(1, { rows: found.rows });
    const profile = {
      version: plan.version,
      rows: found.rows,
      column_count: found.columns.length,
      columns: found.columns.slice(0, maxColumns).map((column) => toPublic(column, plan.name)),
    };
    return { profile };
  },
});

/** Texts of the data are marked as such; numbers, times and truths speak for themselves. */
function toPublic({ min, max, top, ...column }: ColumnProfile, source: string) {
  const isText = column.type === 'string' || column.type === 'json';
  const shown = (value: ColumnProfile['min']) => (isText && value !== null ? untrusted(source, String(value)) : value);
  return {
    ...column,
    min: shown(min),
    max: shown(max),
    top: top.map(({ value, count }) => ({ value: isText ? untrusted(source, value) : value, count })),
  };
}
