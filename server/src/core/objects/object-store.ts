import type { Readable } from 'node:stream';

/** What an upload may be; a presigned URL is bound to all of it. */
export interface UploadTarget {
  readonly id: string;
  readonly contentType: string;
  /** Exact size in bytes; undefined allows any up to the limit. */
  readonly size: number | undefined;
  readonly expiresAt: Date;
}

export interface PresignedUpload {
  readonly url: string;
  /** Headers that the upload must carry, word for word. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Bytes that arrived under a staging key. */
export interface StagedObject {
  readonly stagingKey: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Where object bytes are. Uploads go to staging keys; what a version pins moves to its content address and never changes. */
export interface ObjectStore {
  /** Presigns a PUT to a staging key of the upload's own. */
  presignUpload(target: UploadTarget): PresignedUpload;
  /** Keeps staged bytes for good under their hash; answers at once when they are there already. */
  pin(staged: StagedObject): Promise<void>;
  /** A local file with the pinned bytes. */
  localFile(sha256: string): Promise<string>;
  /** Reads pinned bytes. */
  read(sha256: string): Promise<Readable>;
  /** Keys of staged bytes that arrived, whole or not, before a time. */
  listStaged(before: Date): Promise<string[]>;
  /** Forgets staged bytes; nothing happens when they are gone. */
  discard(stagingKey: string): Promise<void>;
}
