type Mutation = (value: unknown, random: () => number) => unknown;

const mutations: readonly Mutation[] = [
  () => null,
  () => undefined,
  () => 42,
  () => -1e308,
  () => true,
  () => [],
  () => ({}),
  () => 'x'.repeat(25_000),
  () => '',
  () => '\u0000\ud800',
  () => '9999-99-99T99:99:99',
  (value) => [value, value],
  (value) => ({ nested: value }),
  (value) => ({ ...(typeof value === 'object' ? value : {}), __proto__x: 1, extra: [[[]]] }),
];

/** The value with parts of it missing, null, of another type, or huge; the same seed breaks it the same way. */
export function fuzzed(value: unknown, seed: number): unknown {
  const random = chance(seed);
  const share = [0.02, 0.1, 0.5][Math.floor(random() * 3)] ?? 0.1;
  return walk(value);

  function walk(part: unknown): unknown {
    if (random() < share) return mutations[Math.floor(random() * mutations.length)]?.(part, random);
    if (Array.isArray(part)) return part.map((item) => walk(item) ?? null);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
  }
}

/** Mulberry32: numbers below 1, the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
