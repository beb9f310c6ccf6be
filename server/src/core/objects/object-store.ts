import type { Readable } from 'node:stream';

/** What an upload may be; a presigned URL is bound to all of it. */
export interface UploadTarget {
  readonly id: string;
  readonly contentType: string;
  /** Exact size in bytes; undefined allows any up to the limit. */
  readonly size: number | undefined;
  readonly expiresAt: Date;
}

/** One part of an upload in parts. */
export interface PartTarget {
  readonly id: string;
  /** What `beginParts` answered. */
  readonly handle: string;
  /** 1 to 10,000: their order in the object. */
  readonly number: number;
  /** Exact size in bytes; undefined allows any up to the limit. */
  readonly size: number | undefined;
  readonly expiresAt: Date;
}

/** A part that arrived. */
export interface UploadedPart {
  readonly number: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
}

/** All that a URL to pinned bytes says to whoever fetches them. */
export interface DownloadTarget {
  readonly sha256: string;
  /** File name under which a browser saves it. */
  readonly name: string;
  readonly contentType: string;
  readonly expiresAt: Date;
}

export interface PresignedRequest {
  readonly url: string;
  /** Headers that the request must carry, word for word. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Bytes that lie under a staging key. */
export interface ArrivedObject {
  readonly stagingKey: string;
  readonly size: number;
  readonly etag: string;
  readonly receivedAt: Date;
  /** Only where the bytes passed through us. */
  readonly sha256?: string;
}

/** Staged bytes of which we have seen every one. */
export interface StagedObject {
  readonly stagingKey: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** The state of the staged bytes that was hashed: what has another one by now is not pinned. */
  readonly etag: string;
}

export interface PinnedObject {
  readonly sha256: string;
  readonly size: number;
  readonly lastModified: Date;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file with pinned bytes that stays where it is until it is released. */
export interface LocalFile {
  readonly path: string;
  release(): void;
}

/** S3 takes no smaller part but the last one, so the disk does not either. */
export const minPartBytes = 5 * 2 ** 20;
export const maxParts = 10_000;

/** Bytes that this process has: a file, by a path that it may trust, or a stream of a known length. */
export type StageSource = { readonly path: string } | { readonly body: Readable; readonly size: number };

/** Where object bytes are. Uploads go to staging keys; what a version pins moves to its content address and never changes. */
export interface ObjectStore {
  readonly kind: 'disk' | 's3';

  /** Presigns a PUT to a staging key of the upload's own, which takes one body. */
  presignUpload(target: UploadTarget): Promise<PresignedRequest>;
  /** What arrived for an upload past us; always undefined on disk, where `uploads` knows of each body that arrived. */
  arrived(id: string): Promise<ArrivedObject | undefined>;

  /** Begins an upload in parts; answers the handle of its other calls. */
  beginParts(target: Pick<UploadTarget, 'id' | 'contentType'>): Promise<string>;
  /** Presigns a PUT of one part. It may be sent again: the last one counts. */
  presignPart(part: PartTarget): Promise<PresignedRequest>;
  /** The parts that arrived, by number. */
  listParts(id: string, handle: string): Promise<UploadedPart[]>;
  /** Makes one staged object of these parts, which must be there with these etags. Throws UPLOAD_REFUSED otherwise. */
  completeParts(
    id: string,
    handle: string,
    parts: readonly Pick<UploadedPart, 'number' | 'etag'>[],
  ): Promise<ArrivedObject>;
  /** Forgets an upload in parts; nothing happens when it is gone. */
  abortParts(id: string, handle: string): Promise<void>;
  /** Aborts the uploads in parts that were begun before a time; answers how many. */
  abortStaleParts(before: Date): Promise<number>;

  /** Copies bytes of our own to a staging key, and says what it copied: a source may change meanwhile. */
  stage(id: string, source: StageSource): Promise<StagedObject>;
  /** Reads staged bytes once and says what they are. Throws NOT_FOUND when there are none. */
  identify(stagingKey: string): Promise<StagedObject>;
  /** Keeps staged bytes for good under their hash; answers at once when they are there already. */
  pin(staged: StagedObject): Promise<void>;
  /** Keys of staged bytes that arrived, whole or not, before a time. */
  listStaged(before: Date): Promise<string[]>;
  /** Forgets staged bytes; nothing happens when they are gone. */
  discard(stagingKey: string): Promise<void>;

  /** Undefined when no such bytes are pinned. */
  head(sha256: string): Promise<PinnedObject | undefined>;
  /** Reads pinned bytes, all or a range within them, as fast as the reader takes them. Throws NOT_FOUND when they are gone. */
  read(sha256: string, range?: ByteRange): Promise<Readable>;
  /** A local file with the pinned bytes, for a child process to read. Release it after. */
  localFile(sha256: string): Promise<LocalFile>;
  /** Presigns a GET of pinned bytes as an attachment. Whether they are there shows when it is used. */
  presignDownload(target: DownloadTarget): Promise<PresignedRequest>;
  /** Pinned bytes in the order of their hashes; `next` is the `after` of the next page. */
  list(page: {
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: PinnedObject[]; readonly next: string | undefined }>;
  /** Forgets pinned bytes: for whoever knows that no version speaks of them. */
  remove(sha256: string): Promise<void>;
}
