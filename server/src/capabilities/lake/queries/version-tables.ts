import { inParallel } from '../../../core/in-parallel.ts';
import type { ManifestObject } from '../contract.ts';
import type { EngineColumn } from '../engine/protocol.ts';
import type { QueryTable } from '../engine/query-protocol.ts';
import type { VersionObjects } from '../jobs/version-objects.ts';
import type { HeldTable } from '../tables/cache.ts';
import { mergeColumns } from '../tables/merge-columns.ts';
import { holdTable, type TableNeeds } from '../tables/version-tables.ts';

const width = 2;

export interface HeldVersion {
  /** With the types of all together. */
  readonly tables: readonly QueryTable[];
  release(): void;
}

/** The tables of all readable objects of a version, made where they are not there yet. Release them after. */
export async function holdVersion(of: VersionObjects, needs: TableNeeds): Promise<HeldVersion> {
  const held = new Set<HeldTable>();
  const release = () => {
    for (const table of held) table.release();
  };
  const hold = async (object: ManifestObject, columns: readonly EngineColumn[] | null): Promise<HeldTable> => {
    const table = await holdTable(of, object, columns, needs);
    held.add(table);
    return table;
  };
  try {
    const own = await inParallel(of.readable, width, (object) => hold(object, null));
    const types = new Map(mergeColumns(own.map(({ columns }) => columns)).map(({ name, type }) => [name, type]));
    const tables = await inParallel([...own.entries()], width, async ([at, table]) => {
      const object = of.readable[at] as ManifestObject;
      const wanted = table.columns.map(({ name, type }) => ({ name, type: types.get(name) ?? type }));
      const same = wanted.every(({ type }, index) => type === table.columns[index]?.type);
      const { files, columns } = same ? table : await hold(object, wanted);
      return { key: object.key, files, columns };
    });
    return { tables, release };
  } catch (error) {
    release();
    throw error;
  }
}
