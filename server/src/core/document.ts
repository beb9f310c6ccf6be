import type { Principal } from './auth/principal.ts';
import type { Db } from './db/database.ts';

/** Bytes under an address of their own. */
export interface ServedDocument {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Tells one state of the bytes from every other, without quotes. */
  readonly etag: string;
  /** Whether this address will never have other bytes. */
  readonly immutable: boolean;
  /** Of what may have changed since: from when it is known, where nothing newer could be learnt. */
  readonly staleSince?: Date | undefined;
}

/** What an address says: the parts of its path by name, and its query. */
export interface WantedDocument {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** An address at which a capability serves documents, such as `/artifacts/:hash`. */
export interface DocumentRoute {
  readonly path: string;
  /** The scope that a reader needs. */
  readonly scope: string;
  /** It is served while the database is away, to callers whom this process knows from before. */
  readonly fromMemory?: boolean;
  /** Throws NOT_FOUND, or another error of the capability, for what is not there or may not be seen. */
  find(wanted: WantedDocument, principal: Principal, db: Db): Promise<ServedDocument>;
}
