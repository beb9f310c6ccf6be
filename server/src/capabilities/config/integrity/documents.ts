import type { Artifact, ExportIndex, Statement } from '@tutti/client/verify';
import { canonicalBytes, contentId } from './sign.ts';

export { type Artifact, artifactType, exportType, releaseType, type Statement } from '@tutti/client/verify';

/** A document as it is stored: its bytes and its id. */
export function sealed(document: Artifact | Statement | ExportIndex): { readonly bytes: Buffer; readonly id: string } {
  const bytes = canonicalBytes(document);
  return { bytes, id: contentId(bytes) };
}
