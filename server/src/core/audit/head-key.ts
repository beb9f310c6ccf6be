import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import path from 'node:path';
import { canonicalJson } from '../canonical.ts';
import { makeKeyPairs, readKeyPairs } from '../key-pair.ts';
import type { KeyFile } from '../keys.ts';

/** The signed end of the chain after one batch. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  /** Entries of this batch: the head before stands at `seq - count`. */
  readonly count: number;
  /** ISO 8601 in microseconds. */
  readonly time: string;
  readonly key_id: string;
  readonly signature: string;
  /** A second signature: everything up to here was removed on purpose. */
  readonly checkpoint: string | null;
}

export interface HeadKey {
  signHead(head: { seq: number; hash: string; count: number; time: string }): Head;
  signCheckpoint(head: Head): string;
  /** Whether a signature holds; undefined when its key is not known here. */
  verifyHead(head: Head): boolean | undefined;
  verifyCheckpoint(head: Head): boolean;
}

/**
 * The Ed25519 keys of the heads, in one file below the directory of keys, made when first needed to sign. The id of a key is
 * a fingerprint of its public half. What `tutti keys` does to the file counts from the next head on.
 */
export function openHeadKey(directory: string): HeadKey {
  const name = path.join(directory, `${headKeyPurpose}.json`);
  let file: KeyFile = readKeyPairs(name) ?? { current: '', keys: {} };
  const loaded = new Map<string, KeyObject>();
  const publicKey = (id: string): KeyObject | undefined => {
    const pem = Object.hasOwn(file.keys, id) ? file.keys[id] : undefined;
    const key = loaded.get(id) ?? (pem === undefined ? undefined : createPublicKey(pem));
    if (key) loaded.set(id, key);
    return key;
  };
  /** The id of the key to sign with, as the file says now. One that broke while the server runs takes no key with it. */
  const currentKey = () => {
    try {
      file = readKeyPairs(name) ?? (file.current === '' ? makeKeyPairs(name) : file);
    } catch (error) {
      if (file.current === '') throw error;
    }
    return file.current;
  };
  const signText = (text: string, id: string) =>
    sign(null, Buffer.from(text), createPrivateKey(file.keys[id] ?? '')).toString('base64url');
  const holds = (text: string, id: string, signature: string) => {
    const key = publicKey(id);
    return key && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  };

  return {
    signHead(head) {
      const signed = { ...head, key_id: currentKey() };
      return { ...signed, signature: signText(headText(signed), signed.key_id), checkpoint: null };
    },
    signCheckpoint(head) {
      const id = currentKey();
      return `${id}.${signText(checkpointText(head), id)}`;
    },
    verifyHead: (head) => holds(headText(head), head.key_id, head.signature),
    verifyCheckpoint(head) {
      const [id = '', signature = ''] = head.checkpoint?.split('.') ?? [];
      return holds(checkpointText(head), id, signature) ?? false;
    },
  };
}

function headText({ seq, hash, count, time, key_id }: Omit<Head, 'signature' | 'checkpoint'>): string {
  return `tutti audit head\n${canonicalJson({ seq, hash, count, time, key_id })}`;
}

function checkpointText({ seq, hash }: Head): string {
  return `tutti audit checkpoint\n${canonicalJson({ seq, hash })}`;
}

/** The name under which `tutti keys` knows these keys. */
export const headKeyPurpose = 'audit-head';
