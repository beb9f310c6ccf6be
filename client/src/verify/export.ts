import { isMeantFor } from './cohort.ts';
import {
  type Artifact,
  type ExportedRelease,
  type ExportIndex,
  exportType,
  isExportIndex,
  type Statement,
} from './documents.ts';
import { notAuthentic } from './refusal.ts';
import { type Expected, type SignedBytes, verified, verifyRelease } from './release.ts';
import { contentId, toSignature } from './signature.ts';
import type { TrustedKey } from './trusted-key.ts';

/** Reads a file of an export by its path, from wherever it is; throws where it is not there or too large. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** Where a document of this id lies in an export; no name in it comes from anybody. */
const documentPath = (id: string) => `objects/${id.slice('sha256:'.length)}.json`;
const signaturePath = (path: string) => path.replace(/\.json$/, '.sig.json');
const indexPath = 'index.json';

export interface Verified {
  readonly artifact: Artifact;
  readonly statement: Statement;
  /** The file with the schema that the payload fits. */
  readonly schema: string;
}

/** The index of an export, once a trusted key's signature over it holds. */
async function verifyIndex(read: ReadFile, trusted: readonly TrustedKey[], tenant: string): Promise<ExportIndex> {
  const index = verified(isExportIndex, exportType, await readSigned(read, indexPath), trusted);
  if (index.tenant !== tenant) throw notAuthentic('audience', 'it is for another tenant');
  return index;
}

/**
 * What is current for this client in an export, with every check of `verifyRelease`. Of the statements that are meant for
 * it, the highest counts. One for readers of an older schema is taken where `schema` names that alone.
 */
export async function verifyExported(
  read: ReadFile,
  expected: Expected & { readonly schema?: string | undefined },
  trusted: readonly TrustedKey[],
): Promise<Verified> {
  const index = await verifyIndex(read, trusted, expected.tenant);
  const found = index.releases.filter((one) => isFor(one, expected)).toSorted((a, b) => b.sequence - a.sequence)[0];
  if (!found) throw notAuthentic('missing', 'it holds nothing for this client and profile');
  return verifyListed(read, index, found, expected, trusted);
}

/** Verifies every file and every release of an export; answers its index. */
export async function verifyWhole(
  read: ReadFile,
  { tenant, now }: Pick<Expected, 'tenant' | 'now'>,
  trusted: readonly TrustedKey[],
): Promise<ExportIndex> {
  const index = await verifyIndex(read, trusted, tenant);
  for (const { path } of index.files) await readListed(read, index, path);
  for (const one of index.releases) {
    const { client_id, profile } = one;
    await verifyListed(
      read,
      index,
      one,
      { tenant, client_id, profile, lastSequence: 0, now, fingerprint: null },
      trusted,
    );
  }
  return index;
}

async function verifyListed(
  read: ReadFile,
  index: ExportIndex,
  listed: ExportedRelease,
  expected: Expected,
  trusted: readonly TrustedKey[],
): Promise<Verified> {
  const signed = async (id: string): Promise<SignedBytes> => {
    const path = documentPath(id);
    return {
      bytes: await readListed(read, index, path),
      signature: toSignature(await readListed(read, index, signaturePath(path))),
    };
  };
  const release = { artifact: await signed(listed.artifact_id), statement: await signed(listed.statement_id) };
  const { artifact, statement } = verifyRelease(release, expected, trusted);
  const same = statement.sequence === listed.sequence && artifact.schema_ref === listed.schema_ref;
  if (!same) throw notAuthentic('mixed', 'its index tells something else than the statement');
  await readListed(read, index, listed.schema);
  return { artifact, statement, schema: listed.schema };
}

function isFor(
  { client_id, profile, cohort, schema_ref }: ExportedRelease,
  { fingerprint, schema, ...expected }: Expected & { readonly schema?: string | undefined },
): boolean {
  if (client_id !== expected.client_id || profile !== expected.profile) return false;
  if (!isMeantFor(cohort, fingerprint)) return false;
  return schema === undefined ? cohort === 'all' || !cohort.id.startsWith('schema:') : schema_ref === schema;
}

/** A file that is listed, with the bytes that are listed. */
async function readListed(read: ReadFile, index: ExportIndex, path: string): Promise<Uint8Array> {
  const listed = index.files.find((one) => one.path === path);
  if (!listed) throw notAuthentic('missing', 'its index lacks a file that it names');
  const bytes = await read(path);
  if (contentId(bytes) === listed.sha256) return bytes;
  throw notAuthentic('tampered', `${JSON.stringify(path.slice(0, 200))} is not the file that was exported`);
}

async function readSigned(read: ReadFile, path: string): Promise<SignedBytes> {
  return { bytes: await read(path), signature: toSignature(await read(signaturePath(path))) };
}
