import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import path from 'node:path';
import { makeKeyPairs, readKeyPairs } from '../key-pair.ts';
import type { KeyFile } from '../keys.ts';

/** The name under which `tutti keys` knows these keys. */
export const webhookKeyPurpose = 'webhook';

export interface WebhookKey {
  /** Signatures of what is sent: base64, by the current key and, until it is dropped, by the one before. */
  sign(content: Buffer): string[];
  /** `whpk_<base64>` of the keys that sign, the current one first. */
  publicKeys(): string[];
}

const recheckMs = 1000;

/**
 * The server's Ed25519 keys for outgoing webhooks, in one file below the directory of keys, made at first use. What
 * `tutti keys` does to the file counts within a second.
 */
export function openWebhookKey(directory: string): WebhookKey {
  const name = path.join(directory, `${webhookKeyPurpose}.json`);
  let loaded: readonly KeyObject[] = [];
  let checkedAt = Number.NEGATIVE_INFINITY;

  function keys(): readonly KeyObject[] {
    const now = performance.now();
    if (now - checkedAt < recheckMs) return loaded;
    try {
      loaded = signingKeys(readKeyPairs(name) ?? makeKeyPairs(name));
    } catch (error) {
      // A file that broke while the server runs takes no key with it.
      if (loaded.length === 0) throw error;
    }
    checkedAt = now;
    return loaded;
  }

  return {
    sign: (content) => keys().map((key) => sign(null, content, key).toString('base64')),
    publicKeys: () => keys().map((key) => `whpk_${rawPublic(key)}`),
  };
}

/** The current key and the one that was made just before it. */
function signingKeys({ current, keys }: KeyFile): KeyObject[] {
  const others = Object.keys(keys).filter((id) => id !== current);
  return [current, ...others.slice(-1)].map((id) => createPrivateKey(keys[id] ?? ''));
}

function rawPublic(key: KeyObject): string {
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}
