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
  /** All that verify, the current one first. */
  trusted(): TrustedKey[];
  /** The id of the one that was prepared and signs nothing yet. */
  prepared(): string | undefined;
  /** The key that was prepared, where that is wanted and of this algorithm; otherwise a new one. */
  next(wanted: { readonly alg?: SignatureAlgorithm | undefined; readonly fresh: boolean }): NextKey;
  /** Has nothing hold any longer that only others than this key signed, if it is the current one still. */
  dropOthers(id: string): void;
}

/** A key that signs nothing yet. */
export interface NextKey {
  readonly signing: SigningKey;
  readonly trusted: TrustedKey;
  /** Has it be known, so that readers can be given it before they meet what it signed. */
  prepare(): void;
  /** Has it sign all that is new; of the keys before the public halves stay. */
  keep(): void;
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

  function make(): KeyFile {
    const [id, pem] = makeKeyPair();
    const file = { current: id, keys: { [id]: pem } };
    writeKeyFile(directory, configKeyPurpose, file);
    return file;
  }

  function write(file: KeyFile): void {
    writeKeyFile(directory, configKeyPurpose, file);
    checkedAt = Number.NEGATIVE_INFINITY;
  }

  return {
    current: () => signingKeyOf(load().file),
    trusted: () => [...load().trusted],
    prepared: () => load().file.next,
    next({ alg, fresh }) {
      if (given) throw keysGiven(directory);
      // What `tutti keys` just prepared must not be written over.
      checkedAt = Number.NEGATIVE_INFINITY;
      const { current, keys, next } = load().file;
      const known = next !== undefined && !fresh && (alg ?? algorithmOfKey(next)) === algorithmOfKey(next);
      const [id, pem] = known ? [next, keys[next] ?? ''] : makeKeyPair(alg ?? algorithmOfKey(current));
      const made = { key_id: id, alg: algorithmOfKey(id) };
      const before = Object.entries(keys).filter(([old]) => old !== next);
      return {
        signing: { ...made, key: createPrivateKey(pem) },
        trusted: trustKey({ ...made, public_key: publicHalf(pem) }),
        prepare: () => write({ current, keys: { ...Object.fromEntries(before), [id]: pem }, next: id }),
        keep() {
          const halves = before.map(([old, key]) => [old, publicHalf(key)] as const);
          write({ current: id, keys: { ...Object.fromEntries(halves), [id]: pem } });
        },
      };
    },
    dropOthers(id) {
      const { current, keys } = load().file;
      if (current === id) write({ current, keys: { [id]: keys[id] ?? '' } });
    },
  };
}

/** The key that a file of keys signs with; READ_ONLY where it holds the public half alone. */
export function signingKeyOf({ current, keys }: KeyFile): SigningKey {
  const pem = keys[current] ?? '';
  if (!pem.includes('PRIVATE')) throw signsNothing();
  return { key_id: current, alg: algorithmOfKey(current), key: createPrivateKey(pem) };
}

const read = (file: KeyFile) => ({ file, trusted: trustedOf(file) });

/** All that verify of a file of keys, the current one first, the newest next. */
export function trustedOf(file: KeyFile): TrustedKey[] {
  const ids = [
    file.current,
    ...Object.keys(file.keys)
      .filter((id) => id !== file.current)
      .reverse(),
  ];
  return ids.map((id) =>
    trustKey({ key_id: id, alg: algorithmOfKey(id), public_key: publicHalf(file.keys[id] ?? '') }),
  );
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
