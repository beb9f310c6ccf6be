import type { Db } from '../../../core/db/database.ts';
import type { Signature } from '../integrity/sign.ts';
import { type ArtifactRow, allStanding, artifactOf, findSignature, type ReleaseRow } from '../releases/store.ts';
import { openRollout } from '../rollouts/store.ts';

/** A release that somebody may be answered today, with its signatures. */
export interface Exported {
  readonly release: ReleaseRow;
  readonly artifact: ArtifactRow;
  readonly signatures: { readonly statement: Signature; readonly artifact: Signature };
}

/**
 * What is current for anybody, in a fixed order: for all, for the rollout under way, and for readers of older schemas. What no
 * key that holds has signed is left out: it is answered no longer.
 */
export async function listExported(
  db: Db,
  keyIds: readonly string[],
  wanted: (release: ReleaseRow) => boolean,
): Promise<Exported[]> {
  const found: Exported[] = [];
  for (const release of (await allStanding(db)).filter(wanted)) {
    if (!(await isAnswered(db, release))) continue;
    const [statement, signature] = [
      await findSignature(db, release.statement_id, keyIds),
      await findSignature(db, release.artifact_id, keyIds),
    ];
    if (!statement || !signature) continue;
    const artifact = await artifactOf(db, release);
    found.push({ release, artifact, signatures: { statement, artifact: signature } });
  }
  return found.sort((a, b) => compare(orderOf(a), orderOf(b)));
}

/** The statement of a rollout that has ended or waits is nobody's. */
async function isAnswered(db: Db, { client_id, profile, cohort, percentage }: ReleaseRow): Promise<boolean> {
  if (percentage === null || cohort.startsWith('schema:')) return true;
  const rollout = await openRollout(db, client_id, profile);
  return rollout?.rollout_id === cohort && rollout.state === 'active';
}

const orderOf = ({ release: { client_id, profile, sequence } }: Exported) =>
  `${client_id}/${profile}/${String(sequence).padStart(10, '0')}`;
const compare = (a: string, b: string) => (a < b ? -1 : 1);
