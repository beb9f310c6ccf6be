import { canSee } from '../../core/auth/principal.ts';
import type { Complete } from '../../core/prompt.ts';
import { type DatasetRow, listDatasets } from './store.ts';

const shown = 100;

/** Datasets by their ids where the beginning of one was typed, else by a part of their names. */
const completing =
  (answer: (row: DatasetRow, isId: boolean) => string): Complete =>
  async (typed, principal, db) => {
    if (!canSee(principal, { toolset: 'lake' })) return [];
    const isId = typed.startsWith('ds_');
    const all = { tags: [], labels: {}, state: undefined, limit: shown };
    const rows = await listDatasets(db, {
      ...all,
      text: isId || typed === '' ? undefined : typed,
      // Just before the first id that begins so.
      after: isId ? typed.slice(0, -1) : undefined,
    });
    const fitting = isId ? rows.filter((row) => row.id.startsWith(typed)) : rows;
    return fitting.map((row) => answer(row, isId));
  };

export const completeDataset = completing((row, isId) => (isId ? row.id : row.name));
export const completeDatasetId = completing((row) => row.id);
