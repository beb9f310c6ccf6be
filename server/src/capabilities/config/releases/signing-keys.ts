import { createPrivateKey } from 'node:crypto';
import { AppError } from '../../../core/errors.ts';
import { configKeyPurpose, readKeyFile, writeKeyFile } from '../../../core/key-files.ts';
import { algorithmOfKey, makeKeyPair, publicHalf, type SignatureAlgorithm } from '../../../core/key-pair.ts';
import type { KeyFile } from '../../../core/keys.ts';
import type { SigningKey } from '../integrity/sign.ts';
import { type TrustedKey, trustKey } from '../integrity/trusted-key.ts';

export interface SigningKeys {
  /** What new documents are signed with. Its private half leaves this process in nothing but the file. */
  current(): SigningKey;
  /** All that still verify, the current one first. */
  trusted(): TrustedKey[];
  /** A new key, which nobody knows before it is kept. */
  next(alg?: SignatureAlgorithm): NextKey;
}

export interface NextKey {
  readonly signing: SigningKey;
  readonly trusted: TrustedKey;
  /** Has it sign all that is new; of the keys before the public halves stay, or nothing. */
  keep(options: { readonly dropOld: boolean }): void;
}

const recheckMs = 1000;

/**
 * The keys of releases, one file below the directory of keys, made at the first start. What `tutti keys` does to it counts
 * within a second.
 */
export function openSigningKeys(directory: string, { given }: { readonly given: boolean }): SigningKeys {
  let loaded: { readonly file: KeyFile; readonly trusted: readonly TrustedKey[] } | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  function load() {
    const now = performance.now();
    if (loaded && now - checkedAt < recheckMs) return loaded;
    checkedAt = now;
    try {
      const file = readKeyFile(directory, configKeyPurpose);
      if (!loaded || (file && JSON.stringify(file) !== JSON.stringify(loaded.file))) loaded = read(file ?? make());
    } catch (error) {
      // A file that broke while the server runs takes no key with it.
      if (!loaded) throw error;
    }
    return loaded;
  }

  function make(alg?: SignatureAlgorithm): KeyFile {
    const [id, pem] = makeKeyPair(alg);
    const file = { current: id, keys: { [id]: pem } };
    writeKeyFile(directory, configKeyPurpose, file);
    return file;
  }

  return {
    current() {
      const { current, keys } = load().file;
      const pem = keys[current] ?? '';
      if (!pem.includes('PRIVATE')) throw signsNothing();
      return { key_id: current, alg: algorithmOfKey(current), key: createPrivateKey(pem) };
    },
    trusted: () => [...load().trusted],
    next(alg) {
      if (given) throw keysGiven(directory);
      const { file } = load();
      const [id, pem] = makeKeyPair(alg ?? algorithmOfKey(file.current));
      const made = { key_id: id, alg: algorithmOfKey(id) };
      return {
        signing: { ...made, key: createPrivateKey(pem) },
        trusted: trustKey({ ...made, public_key: publicHalf(pem) }),
        keep({ dropOld }) {
          const kept = Object.entries(file.keys).map(([old, key]) => [old, publicHalf(key)] as const);
          const keys = { ...(dropOld ? {} : Object.fromEntries(kept)), [id]: pem };
          writeKeyFile(directory, configKeyPurpose, { current: id, keys });
          checkedAt = Number.NEGATIVE_INFINITY;
        },
      };
    },
  };
}

function read(file: KeyFile) {
  const ids = [
    file.current,
    ...Object.keys(file.keys)
      .filter((id) => id !== file.current)
      .reverse(),
  ];
  const trusted = ids.map((id) =>
    trustKey({ key_id: id, alg: algorithmOfKey(id), public_key: publicHalf(file.keys[id] ?? '') }),
  );
  return { file, trusted };
}

function signsNothing(): AppError {
  return new AppError(
    'READ_ONLY',
    'This server has only the public half of the signing key.',
    'Ask one of the servers that write.',
  );
}

function keysGiven(directory: string): AppError {
  return new AppError(
    'KEYS_GIVEN',
    'The keys of this server were given by the operator, so that only the operator rotates them.',
    `Run: tutti keys rotate ${configKeyPurpose} --keys-dir ${directory}, and give the file to every server.`,
  );
}
