import { canonicalJson, sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Feed } from '../../../core/events/feed.ts';
import type { Logger } from '../../../core/log.ts';
import type { Signature } from '../integrity/sign.ts';
import { type ShownConfig, showSigned, signatureOf } from '../releases/show.ts';
import type { SigningKeys } from '../releases/signing-keys.ts';
import { createDocuments, type Documents, type KeptDocument } from './documents.ts';
import { type Current, findCurrent, type Wanted } from './find-current.ts';
import { createKept } from './kept.ts';
import { createShelf, type Shelf } from './shelf.ts';

/** A configuration as callers get it, and the same as the bytes of a JSON text, which says whether it is current. */
export interface ReadConfig {
  readonly config: ShownConfig;
  readonly json: Buffer;
  /** The hash of that text. */
  readonly etag: string;
}

/** What readers are answered: from memory, also while the database is away. */
export interface Reader extends Pick<Shelf, 'standing' | 'staleSince' | 'refresh' | 'start' | 'stop'> {
  current(wanted: Wanted): Promise<Current>;
  config(found: Current): Promise<ReadConfig>;
  /** A signed document, undefined for none. */
  document(id: string): Promise<KeptDocument | undefined>;
  /** The same, if that needs no database. */
  knownDocument: Documents['known'];
  /** The newest signature of a document by a key that still holds; NOT_AUTHENTIC without one. */
  signature(id: string): Promise<Signature>;
}

export interface ReaderNeeds {
  readonly db: Db;
  readonly feed: Feed;
  readonly keys: SigningKeys;
  readonly log: Logger;
  /** For documents, and as much again for what is made of them. */
  readonly maxBytes: number;
}

/** Of a parsed configuration, beside its text. */
const parsedFactor = 4;

/** The reader of this process: what stands, its documents, and what they are shown as, in memory of bounded size. */
export function createReader({ db, feed, keys, log, maxBytes }: ReaderNeeds): Reader {
  const documents = createDocuments(db, maxBytes);
  const shown = createKept<ReadConfig>(maxBytes);
  const shelf = createShelf({ db, feed, log, onRead: documents.keep });

  return {
    ...shelf,
    current: async (wanted) => findCurrent(await shelf.standing(), wanted),
    config,
    document: documents.find,
    knownDocument: documents.known,
    signature,
  };

  async function config({ release, current }: Current): Promise<ReadConfig> {
    const { artifact_id, statement_id } = release;
    const signatures = { artifact: await signature(artifact_id), release: await signature(statement_id) };
    const by = [signatures.artifact.key_id, signatures.release.key_id];
    const key = canonicalJson([artifact_id, statement_id, ...by, current]);
    const known = shown.get(key);
    if (known) return known;
    const artifact = await documents.find(artifact_id);
    if (!artifact) throw new Error(`artifact ${artifact_id} of a release is gone`);
    const made = showSigned({ ...release, bytes: artifact.bytes }, release, signatures);
    const text = JSON.stringify({ ...made, current });
    const answer = { config: made, json: Buffer.from(text), etag: sha256(text) };
    shown.put(key, answer, answer.json.length * (1 + parsedFactor));
    return answer;
  }

  async function signature(id: string): Promise<Signature> {
    const trusted = new Set(keys.trusted().map(({ key_id }) => key_id));
    const known = (await shelf.standing()).signatures(id).find(({ key_id }) => trusted.has(key_id));
    if (!known) return signatureOf(db, keys, id);
    const { alg, value, key_id } = known;
    return { alg, value, key_id } as Signature;
  }
}
