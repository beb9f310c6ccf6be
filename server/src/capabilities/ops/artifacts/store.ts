import type { Db } from '../../../core/db/database.ts';

export interface ArtifactRow {
  readonly run_id: string;
  /** Its path below the work directory. */
  readonly name: string;
  readonly size_bytes: number;
  readonly sha256: string;
}

type Tables = { ops_artifacts: ArtifactRow };

const tables = (db: Db) => db.withTables<Tables>();

/** Notes a file down; one of the same name, from before a crash, gives way. */
export async function putArtifact(tx: Db, artifact: ArtifactRow): Promise<void> {
  const { size_bytes, sha256 } = artifact;
  await tables(tx)
    .insertInto('ops_artifacts')
    .values(artifact)
    .onConflict((conflict) => conflict.columns(['run_id', 'name']).doUpdateSet({ size_bytes, sha256 }))
    .execute();
}

/** In the order of their names, from after one on. */
export function listArtifacts(
  db: Db,
  runId: string,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<ArtifactRow[]> {
  let query = tables(db).selectFrom('ops_artifacts').selectAll().where('run_id', '=', runId);
  if (page.after !== undefined) query = query.where('name', '>', page.after);
  return query.orderBy('name').limit(page.limit).execute();
}

export function findArtifact(db: Db, runId: string, name: string): Promise<ArtifactRow | undefined> {
  return tables(db)
    .selectFrom('ops_artifacts')
    .selectAll()
    .where('run_id', '=', runId)
    .where('name', '=', name)
    .executeTakeFirst();
}
