import type { ExportedRelease, ExportIndex, Statement } from '@tutti/client/verify';
import { canonicalJson } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { schemaOf } from '../families/check.ts';
import { requireFamily } from '../families/find.ts';
import { exportType, sealed } from '../integrity/documents.ts';
import { contentId, type Signature, type SigningKey, signDocument } from '../integrity/sign.ts';
import type { TrustedKey } from '../integrity/trusted-key.ts';
import { read, verified } from '../releases/show.ts';
import type { ListedRelease } from '../releases/store.ts';
import { changesText } from './changes.ts';
import type { Exported } from './exported.ts';
import { instructions } from './instructions.ts';

export interface ExportFile {
  /** Lower-case letters, digits, `-`, `.` and one `/`: a name that every file system takes, made of hashes and our own words. */
  readonly path: string;
  readonly text: string;
  /** `sha256:<hex>` of its bytes. */
  readonly sha256: string;
}

export interface ExportSource {
  readonly tenant: string;
  readonly releases: readonly Exported[];
  /** What was released lately, the newest first. */
  readonly changes: readonly ListedRelease[];
  readonly signing: SigningKey;
  readonly trusted: readonly TrustedKey[];
}

/**
 * All files of an export, the index last: the same for the same releases and keys. Every file but the index and its signature
 * is in the index, which is signed.
 */
export async function exportFiles(db: Db, source: ExportSource): Promise<{ files: ExportFile[]; index_id: string }> {
  const { tenant, releases, changes, signing, trusted } = source;
  const files = new Map<string, ExportFile>();
  const add = (path: string, text: string) => files.set(path, fileOf(path, text)).get(path)?.path ?? path;
  const listed: ExportedRelease[] = [];
  for (const { release, artifact, signatures } of releases) {
    addSigned(add, release.statement_id, release.bytes, signatures.statement);
    addSigned(add, artifact.artifact_id, verified(artifact.bytes, artifact.artifact_id), signatures.artifact);
    const { client_id, profile, sequence, statement_id, artifact_id } = release;
    const { cohort } = read<Statement>(release.bytes, statement_id);
    const { schema_ref, schema_version } = artifact;
    const schema = schemaOf(await requireFamily(db, client_id), schema_version);
    if (!schema) throw new Error(`the schema ${schema_ref} of a release is gone`);
    // Without white space: nobody reads a file that is larger than any document.
    const text = canonicalJson(schema.schema);
    const at = add(`schemas/${fileOf('', text).sha256.slice('sha256:'.length)}.json`, text);
    listed.push({ client_id, profile, cohort, sequence, statement_id, artifact_id, schema_ref, schema: at });
  }
  const keys = trusted.map(({ key_id, alg, public_key }) => ({ key_id, alg, public_key }));
  for (const { key_id, public_key } of keys) add(`keys/${key_id}.pem`, public_key);
  add('keys.json', `${JSON.stringify({ items: keys }, null, 2)}\n`);
  add('changes.json', changesText(changes));
  add('readme.md', instructions);
  const inOrder = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const index: ExportIndex = {
    type: 'tutti.config.export/1',
    tenant,
    files: inOrder.map(({ path, sha256 }) => ({ path, sha256 })),
    releases: listed,
  };
  const { bytes, id } = sealedIndex(index);
  const signature = canonicalJson(signDocument(exportType, bytes, signing));
  return {
    files: [...inOrder, fileOf('index.sig.json', signature), fileOf('index.json', bytes.toString())],
    index_id: id,
  };
}

function addSigned(add: (path: string, text: string) => string, id: string, bytes: Buffer, signature: Signature): void {
  const name = `objects/${id.slice('sha256:'.length)}`;
  const { alg, key_id, value } = signature;
  add(`${name}.json`, bytes.toString());
  add(`${name}.sig.json`, canonicalJson({ alg, key_id, value }));
}

function fileOf(path: string, text: string): ExportFile {
  return { path, text, sha256: contentId(Buffer.from(text)) };
}

function sealedIndex(index: ExportIndex) {
  try {
    return sealed(index);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      'So many releases make no one export.',
      'Narrow it by client_id or profile.',
    );
  }
}
