import type { Keys } from '../keys.ts';
import { uploadRefused } from './failures.ts';
import type { DownloadTarget, PartTarget, PresignedRequest, UploadTarget } from './object-store.ts';

/** Makes and checks the URLs by which Tutti itself takes and gives the objects of its file system. */
export interface DiskUrls {
  upload(target: UploadTarget): PresignedRequest;
  part(part: PartTarget): PresignedRequest;
  download(target: DownloadTarget): PresignedRequest;
  /** These three read a URL's query; they throw UPLOAD_REFUSED when it was changed or has expired. */
  verifyUpload(id: string, query: URLSearchParams): UploadTarget;
  verifyPart(path: Pick<PartTarget, 'id' | 'handle' | 'number'>, query: URLSearchParams): PartTarget;
  verifyDownload(sha256: string, query: URLSearchParams): DownloadTarget;
}

/** `baseUrl` is asked late, for the port may be known only after listening. */
export function createDiskUrls(keys: Keys, baseUrl: () => string): DiskUrls {
  function sign(path: string, values: Record<string, string | undefined>, expiresAt: Date): string {
    const query = new URLSearchParams({ expires: String(Math.ceil(expiresAt.getTime() / 1000)) });
    for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, value);
    query.set('signature', keys.sign('presign', signedText(path, query)));
    return `${baseUrl()}/objects/${path}?${query}`;
  }

  function verify(path: string, query: URLSearchParams): Date {
    if (!keys.verify('presign', signedText(path, query), query.get('signature') ?? '')) {
      throw uploadRefused('The signature of this URL does not hold: it was changed or made by another server.');
    }
    const expiresAt = new Date(Number(query.get('expires')) * 1000);
    if (expiresAt.getTime() <= Date.now()) throw uploadRefused('This URL has expired.');
    return expiresAt;
  }

  return {
    upload: (target) => ({
      url: sign(`uploads/${target.id}`, { type: target.contentType, size: target.size?.toString() }, target.expiresAt),
      headers: {
        'content-type': target.contentType,
        ...(target.size === undefined ? {} : { 'content-length': String(target.size) }),
      },
    }),
    part: (part) => ({
      url: sign(`parts/${part.id}/${part.handle}/${part.number}`, { size: part.size?.toString() }, part.expiresAt),
      headers: {
        'content-type': partType,
        ...(part.size === undefined ? {} : { 'content-length': String(part.size) }),
      },
    }),
    download: (target) => ({
      url: sign(`content/${target.sha256}`, { name: target.name, type: target.contentType }, target.expiresAt),
      headers: {},
    }),
    verifyUpload(id, query) {
      const expiresAt = verify(`uploads/${id}`, query);
      const size = query.get('size');
      return { id, contentType: query.get('type') ?? '', size: size === null ? undefined : Number(size), expiresAt };
    },
    verifyPart({ id, handle, number }, query) {
      const expiresAt = verify(`parts/${id}/${handle}/${number}`, query);
      const size = query.get('size');
      return { id, handle, number, size: size === null ? undefined : Number(size), expiresAt };
    },
    verifyDownload(sha256, query) {
      const expiresAt = verify(`content/${sha256}`, query);
      return { sha256, name: query.get('name') ?? '', contentType: query.get('type') ?? '', expiresAt };
    },
  };
}

/** Parts have no type of their own; some clients add one that nobody signed unless one is asked for. */
export const partType = 'application/octet-stream';

/** The path says what the URL is for, so a signature for one purpose never passes for another. */
function signedText(path: string, query: URLSearchParams): string {
  const values = ['type', 'name', 'size', 'expires'].map((name) => query.get(name));
  return JSON.stringify([path, ...values]);
}
