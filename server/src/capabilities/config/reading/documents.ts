import type { Db } from '../../../core/db/database.ts';
import { artifactType, releaseType } from '../integrity/documents.ts';
import { contentId } from '../integrity/sign.ts';
import { verified } from '../releases/show.ts';
import { findArtifact, findStatement } from '../releases/store.ts';
import { createKept } from './kept.ts';
import type { Standing } from './standing.ts';
import { artifactSizes } from './store.ts';

/** A signed document: its canonical bytes, of which its id is the hash. */
export interface KeptDocument {
  readonly bytes: Buffer;
  readonly type: string;
  readonly client_id: string;
  readonly profile: string;
}

/** Signed documents by their ids, from memory as far as they have room there. */
export interface Documents {
  /** Undefined for none; NOT_AUTHENTIC for one whose stored bytes are not those of its id. */
  find(id: string): Promise<KeptDocument | undefined>;
  /** The same, if it is in memory. */
  known(id: string): KeptDocument | undefined;
  /** Takes into memory what stands, as far as there is room. */
  keep(standing: Standing): Promise<void>;
}

export function createDocuments(db: Db, maxBytes: number): Documents {
  const kept = createKept<KeptDocument>(maxBytes);

  function put(id: string, document: KeptDocument): KeptDocument {
    // Copied: the driver's buffer may be a part of a larger one.
    const bytes = Buffer.from(verified(document.bytes, id));
    const own = { ...document, bytes };
    kept.put(id, own, bytes.length);
    return own;
  }

  async function find(id: string): Promise<KeptDocument | undefined> {
    const known = kept.get(id);
    if (known) return known;
    const artifact = await findArtifact(db, id);
    const found = artifact ?? (await findStatement(db, id));
    if (!found) return undefined;
    const { bytes, client_id, profile } = found;
    return put(id, { bytes, client_id, profile, type: artifact ? artifactType : releaseType });
  }

  return {
    find,
    known: (id) => kept.get(id),
    async keep({ releases }) {
      const missing = [...new Set(releases.map(({ artifact_id }) => artifact_id))].filter((id) => !kept.has(id));
      for (const { id, bytes } of missing.length > 0 ? await artifactSizes(db, missing) : []) {
        // What is not authentic is refused to whoever asks for it.
        if (kept.hasRoom(bytes)) await find(id).catch(ignoreTampered);
      }
      for (const { statement_id: id, bytes, client_id, profile } of releases) {
        if (kept.has(id) || !kept.hasRoom(bytes.length) || contentId(bytes) !== id) continue;
        put(id, { bytes, client_id, profile, type: releaseType });
      }
    },
  };
}

function ignoreTampered(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== 'NOT_AUTHENTIC') throw error;
  return undefined;
}
