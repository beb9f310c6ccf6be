import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import type { Logger } from '../../../core/log.ts';
import type { Tool } from '../../../core/tool.ts';
import type { Reconcile } from './reconcile.ts';

type DatasetOf = (input: Readonly<Record<string, unknown>>, db: Db) => Promise<string | undefined>;

const ownDataset: DatasetOf = async ({ dataset_id }) => (typeof dataset_id === 'string' ? dataset_id : undefined);

/** A tool after which the policies of its dataset are looked at, in the same transaction. */
export function thenReconcile(tool: Tool, reconcile: Reconcile, datasetOf: DatasetOf = ownDataset): Tool {
  return {
    ...tool,
    async run(input, context) {
      const output = await tool.run(input, context);
      const id = await datasetOf(input, context.db);
      if (id !== undefined) await reconcile(context.db, id);
      return output;
    },
  };
}

/** A handler at whose end, be it good or bad, the policies of its dataset are looked at, in a journaled step. */
export function endReconciles(handler: JobHandler, reconcile: Reconcile, log: Logger): JobHandler {
  return {
    ...handler,
    async run(context, input) {
      const end = async (state: string) => {
        const { id, dataset_id: dataset } = context.job;
        if (dataset === null) return;
        const look = async (tx: Db) => void (await reconcile(tx, dataset, { ending: { id, state, at: Date.now() } }));
        await context.conclude('reconcile', look).catch((error: unknown) => {
          // What the job did is done all the same; the scheduled look comes to the same later.
          if (!(error instanceof AppError)) throw error;
          log.warn({ job: id, code: error.code }, 'the policies of a dataset were not looked at');
        });
      };
      try {
        const output = await handler.run(context, input);
        await end('succeeded');
        return output;
      } catch (error) {
        await end(error instanceof AppError && error.code === 'CANCELED' ? 'canceled' : 'failed');
        throw error;
      }
    },
  };
}
