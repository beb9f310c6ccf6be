import { type Db, inTransaction } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { artifactType, releaseType } from '../integrity/documents.ts';
import type { SigningKey } from '../integrity/sign.ts';
import type { TrustedKey } from '../integrity/trusted-key.ts';
import { openRollout } from '../rollouts/store.ts';
import { tellChange } from './events.ts';
import { type Issuing, issueStatement, type NewStatement } from './issue.ts';
import { signAlso } from './sign-also.ts';
import {
  allStanding,
  artifactOf,
  currentRelease,
  lockReleases,
  newestBySchema,
  type ReleaseRow,
  schemaCohort,
} from './store.ts';

/** Renews statements before their time is over, and has what is current signed by the current key. */
export const renewal = (db: Db, issuing: Issuing): JobHandler => ({
  kind: 'config.renew',
  version: 1,
  async run(context) {
    const renewed = await context.step('statements', () => renewStatements(db, issuing, new Date()));
    const signed = await context.step('signatures', () =>
      inTransaction(db, (tx) => signCurrent(tx, issuing.keys.current(), issuing.keys.trusted())),
    );
    return { renewed, signed };
  },
});

/** Says again what half of its time is over for; answers how many statements that were. */
export async function renewStatements(db: Db, issuing: Issuing, now: Date): Promise<number> {
  const due = (await allStanding(db)).filter(
    ({ issued_at, expires_at }) => now.getTime() > (issued_at.getTime() + expires_at.getTime()) / 2,
  );
  let renewed = 0;
  for (const row of due) {
    renewed += await inTransaction(db, (tx) => renew(tx, issuing, row));
  }
  return renewed;
}

async function renew(tx: Db, issuing: Issuing, row: ReleaseRow): Promise<number> {
  await lockReleases(tx, row.client_id, row.profile);
  const artifact = await artifactOf(tx, row);
  const cohort = await standsFor(tx, row, artifact.schema_version);
  if (cohort === undefined) return 0;
  const { changelog, approvals, draft_id: draftId } = row;
  const by = { id: 'system', name: 'system' };
  await issueStatement(tx, issuing, { artifact, cohort, kind: 'renew', changelog, by, approvals, draftId });
  return 1;
}

/** For whom a statement is what they are answered now; undefined for nobody. */
async function standsFor(tx: Db, row: ReleaseRow, schema: string): Promise<NewStatement['cohort'] | undefined> {
  const { client_id: client, profile, cohort, percentage, release_id } = row;
  if ((await currentRelease(tx, { client, profile, cohort }))?.release_id === release_id) {
    if (cohort === 'all') return 'all';
    const rollout = await openRollout(tx, client, profile);
    if (rollout?.rollout_id === cohort && rollout.state === 'active')
      return { id: cohort, percentage: percentage ?? 0 };
  }
  // Superseded, but the newest that those can read who know no newer schema.
  const ofSchema = (await newestBySchema(tx, client, profile)).find((one) => one.schema_version === schema);
  return ofSchema?.release_id === release_id ? { id: schemaCohort(schema), percentage: 100 } : undefined;
}

/** Has all that is current signed by a key as well; answers how many documents were. */
export async function signCurrent(tx: Db, key: SigningKey, trusted: readonly TrustedKey[]): Promise<number> {
  let signed = 0;
  for (const release of await allStanding(tx)) {
    const artifact = await artifactOf(tx, release);
    const documents = [
      { id: artifact.artifact_id, bytes: artifact.bytes, type: artifactType },
      { id: release.statement_id, bytes: release.bytes, type: releaseType },
    ];
    for (const document of documents) if (await signAlso(tx, document, key, trusted)) signed += 1;
  }
  if (signed > 0) await tellChange(tx, { what: 'signatures' });
  return signed;
}
