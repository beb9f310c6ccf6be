/**
 * A checksum of rows in any order: each row's (id, object, ordinal) is hashed to 64 bits (two lanes of FNV-1a, then the
 * finisher of MurmurHash3), and the hashes are added up. It finds rows that are missing, double or of another object.
 */
export interface Checksum {
  /** `object` is `objectHash` of the object that the row is of. */
  add(id: string, object: bigint, ordinal: number): void;
  /** The same of an id in UTF-8, which lies in `bytes` between two places. */
  addUtf8(bytes: Uint8Array, from: number, to: number, object: bigint, ordinal: number): void;
  /** 16 hexadecimal digits. */
  value(): string;
}

// Ids may begin with the mark that a decoder leaves out.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function createChecksum(): Checksum {
  let high = 0;
  let low = 0;
  let known: bigint | undefined;
  let seeds: readonly [number, number] = [0, 0];
  const setObject = (object: bigint) => {
    if (object === known) return;
    known = object;
    seeds = [Number(BigInt.asIntN(32, object)), Number(BigInt.asIntN(32, object >> 32n))];
  };
  const finish = (a: number, b: number, ordinal: number) => {
    const upper = Math.floor(ordinal / 2 ** 32);
    high = (high + mixed(mixed(a ^ ordinal) + upper)) >>> 0;
    low = (low + mixed(mixed(b + ordinal) ^ upper)) >>> 0;
  };
  const add = (id: string, object: bigint, ordinal: number) => {
    setObject(object);
    let a = 0x811c9dc5 ^ seeds[0];
    let b = 0xdeadbeef ^ seeds[1];
    for (let at = 0; at < id.length; at++) {
      const unit = id.charCodeAt(at);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x85ebca6b);
    }
    finish(a, b, ordinal);
  };
  return {
    add,
    addUtf8(bytes, from, to, object, ordinal) {
      setObject(object);
      let a = 0x811c9dc5 ^ seeds[0];
      let b = 0xdeadbeef ^ seeds[1];
      for (let at = from; at < to; at++) {
        const unit = bytes[at] as number;
        // Units of UTF-16 are hashed: those of ASCII are its bytes.
        if (unit > 127) return add(decoder.decode(bytes.subarray(from, to)), object, ordinal);
        a = Math.imul(a ^ unit, 0x01000193);
        b = Math.imul(b ^ unit, 0x85ebca6b);
      }
      finish(a, b, ordinal);
    },
    value: () => high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0'),
  };
}

/** The checksum of the rows of several together. */
export function addChecksums(...values: readonly string[]): string {
  const lane = (at: number) =>
    values.reduce((sum, value) => (sum + Number.parseInt(value.slice(at, at + 8), 16)) >>> 0, 0).toString(16);
  return lane(0).padStart(8, '0') + lane(8).padStart(8, '0');
}

/** The first 64 bits of an object's SHA-256, as rows of an index carry them. */
export function objectHash(sha256: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sha256.slice(0, 16)}`));
}

function mixed(given: number): number {
  let bits = given | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
