import type { Db } from '../../../core/db/database.ts';
import { appendEvent } from '../../../core/events/store.ts';
import { newId } from '../../../core/ids.ts';
import type { Draft } from '../drafts/store.ts';
import { type Artifact, artifactType, releaseType, type Statement, sealed } from '../integrity/documents.ts';
import { signDocument } from '../integrity/sign.ts';
import { releasedEvent, tellChange } from './events.ts';
import type { Report } from './report.ts';
import { signAlso } from './sign-also.ts';
import type { SigningKeys } from './signing-keys.ts';
import {
  type ArtifactRow,
  highestSequence,
  insertArtifact,
  insertRelease,
  insertSignature,
  type KeptApproval,
  lockReleases,
  type ReleaseKind,
  type ReleaseRow,
} from './store.ts';

export interface Issuing {
  readonly keys: SigningKeys;
  readonly tenant: string;
  readonly statementDays: number;
  /** Told of each draft that is to be released, and what was found about it. */
  readonly judged?: (draft: Draft, report: Report) => void;
}

export interface NewStatement {
  readonly artifact: Pick<ArtifactRow, 'artifact_id' | 'client_id' | 'profile' | 'version' | 'policy_set_id'> &
    Pick<ArtifactRow, 'publisher_id' | 'schema_ref' | 'bytes'>;
  /** All, or the part of the clients that a rollout is for. */
  readonly cohort: 'all' | { readonly id: string; readonly percentage: number };
  readonly kind: ReleaseKind;
  readonly changelog: string;
  readonly by: { readonly id: string; readonly name: string };
  readonly approvals?: readonly KeptApproval[];
  readonly draftId?: string | null | undefined;
  /** The id that the audit entry of the call has; by default that of the release. */
  readonly auditSubject?: string | undefined;
}

/** Signs an artifact and keeps it for good, in the caller's transaction. */
export async function keepArtifact(
  tx: Db,
  { keys }: Issuing,
  artifact: Artifact,
  row: Pick<ArtifactRow, 'payload_hash' | 'schema_version' | 'inputs' | 'report'>,
): Promise<Omit<ArtifactRow, 'created_at'>> {
  const { bytes, id } = sealed(artifact);
  const { client_id, profile, schema_ref, version, policy_set_id, provenance } = artifact;
  const kept = {
    ...row,
    artifact_id: id,
    client_id,
    profile,
    bytes,
    schema_ref,
    version,
    policy_set_id,
    publisher_id: provenance.publisher_id,
  };
  await insertArtifact(tx, kept);
  await insertSignature(tx, id, signDocument(artifactType, bytes, keys.current()));
  return kept;
}

/**
 * Says in a signed statement which artifact is current from now on: with the next sequence of its client and profile, and the
 * event that tells everybody, in the caller's transaction.
 */
export async function issueStatement(tx: Db, issuing: Issuing, release: NewStatement): Promise<ReleaseRow> {
  const { artifact, cohort, kind, changelog, by, approvals = [], draftId = null } = release;
  const { client_id, profile, artifact_id } = artifact;
  await lockReleases(tx, client_id, profile);
  const issued_at = new Date();
  const expires_at = new Date(issued_at.getTime() + issuing.statementDays * 86_400_000);
  const statement: Statement = {
    type: 'tutti.config.release/1',
    tenant: issuing.tenant,
    client_id,
    profile,
    cohort,
    sequence: (await highestSequence(tx, client_id, profile)) + 1,
    artifact_id,
    changelog,
    issued_at: issued_at.toISOString(),
    expires_at: expires_at.toISOString(),
  };
  const { bytes, id } = sealed(statement);
  const key = issuing.keys.current();
  const release_id = newId('rel');
  const row: ReleaseRow = {
    release_id,
    statement_id: id,
    client_id,
    profile,
    cohort: cohort === 'all' ? 'all' : cohort.id,
    percentage: cohort === 'all' ? null : cohort.percentage,
    sequence: statement.sequence,
    artifact_id,
    bytes,
    kind,
    changelog,
    issued_at,
    expires_at,
    released_by: by.id,
    released_by_name: by.name,
    signer_key_id: key.key_id,
    approvals: [...approvals],
    draft_id: draftId,
    audit_subject: release.auditSubject ?? release_id,
  };
  await insertRelease(tx, row);
  await insertSignature(tx, id, signDocument(releaseType, bytes, key));
  // One that was released before a rotation is read by those who know the new key alone.
  await signAlso(tx, { id: artifact_id, bytes: artifact.bytes, type: artifactType }, key, issuing.keys.trusted());
  // A renewal is told to no reader: for him nothing changed.
  if (kind === 'renew') await tellChange(tx, { what: 'statement', client_id });
  else await tell(tx, row, artifact);
  return row;
}

async function tell(tx: Db, row: ReleaseRow, artifact: NewStatement['artifact']): Promise<void> {
  const { release_id, client_id, profile, cohort, percentage, sequence, artifact_id, kind, changelog, issued_at } = row;
  const { version, policy_set_id, publisher_id, schema_ref } = artifact;
  await appendEvent(tx, {
    type: releasedEvent,
    subject: `config:${client_id}/${profile}`,
    toolset: 'config',
    data: {
      release_id,
      client_id,
      profile,
      cohort,
      ...(percentage !== null && { percentage }),
      sequence,
      artifact_id,
      version,
      schema_ref,
      policy_set_id,
      publisher_id,
      kind,
      changelog,
      issued_at: issued_at.toISOString(),
    },
  });
}
