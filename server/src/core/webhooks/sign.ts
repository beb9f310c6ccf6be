import { createHmac } from 'node:crypto';

/** What a signature is over: https://www.standardwebhooks.com, "Signature scheme". */
export function signedContent(id: string, timestamp: string, body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
}

/** The key that a secret stands for: `whsec_<base64>`, or any other text as it is. */
function hmacKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
}

export function hmac(secret: string, content: Buffer): Buffer {
  return createHmac('sha256', hmacKey(secret)).update(content).digest();
}
