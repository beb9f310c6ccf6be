import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const randomKey = () => randomBytes(32).toString('base64url');

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** `<key id>.`, then initial vector, tag and what is encrypted (AES-256-GCM, NIST SP 800-38D). */
export function sealBytes(
  { id, key }: { readonly id: string; readonly key: string },
  bytes: Buffer,
  bound: string,
): Buffer {
  const iv = randomBytes(ivBytes);
  const sealing = createCipheriv(cipher, Buffer.from(key, 'base64url'), iv).setAAD(Buffer.from(`${id}\n${bound}`));
  const sealed = Buffer.concat([sealing.update(bytes), sealing.final()]);
  return Buffer.concat([Buffer.from(`${id}.`), iv, sealing.getAuthTag(), sealed]);
}

export function unsealBytes(keyOf: (id: string) => string | undefined, sealed: Buffer, bound: string): Buffer {
  const dot = sealed.indexOf('.');
  const id = sealed.subarray(0, Math.max(dot, 0)).toString();
  const key = keyOf(id);
  if (key === undefined) throw new Error('the key that sealed this is gone');
  const from = dot + 1;
  const iv = sealed.subarray(from, from + ivBytes);
  const opening = createDecipheriv(cipher, Buffer.from(key, 'base64url'), iv, { authTagLength: tagBytes })
    .setAAD(Buffer.from(`${id}\n${bound}`))
    .setAuthTag(sealed.subarray(from + ivBytes, from + ivBytes + tagBytes));
  return Buffer.concat([opening.update(sealed.subarray(from + ivBytes + tagBytes)), opening.final()]);
}
