import { createHash } from 'node:crypto';
import { seededRandom, seededUuid } from './random.ts';

const longestRange = 1000;
const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** What a function throws when its arguments make no sense; JSONata passes it on as it is. */
function wrong(message: string): never {
  throw Object.assign(new Error(message), { code: 'TUTTI' });
}

/**
 * The functions that the States Language's JSONata has beyond JSONata's own, with their signatures in JSONata's terms, and
 * those that are taken away. Where an argument is absent, so is the result, as in JSONata's own.
 */
export const addedFunctions: Readonly<
  Record<string, { readonly run: (...given: never[]) => unknown; readonly signature: string }>
> = {
  partition: {
    signature: '<a?n:a>',
    run: (items: unknown[] | undefined, size: number) => {
      if (items === undefined) return undefined;
      if (!Number.isInteger(size) || size < 1)
        wrong('$partition wants a whole number from 1 as the size of its parts.');
      const parts = Math.ceil(items.length / size);
      return Array.from({ length: parts }, (_, part) => items.slice(part * size, (part + 1) * size));
    },
  },
  range: {
    signature: '<nnn:a<n>>',
    run: (first: number, last: number, step: number) => {
      if (![first, last, step].every(Number.isInteger) || step === 0)
        wrong('$range wants whole numbers, and a step that is not 0.');
      const length = Math.max(0, Math.floor((last - first) / step) + 1);
      if (length > longestRange) wrong(`$range gives at most ${longestRange} numbers.`);
      return Array.from({ length }, (_, index) => first + index * step);
    },
  },
  hash: {
    signature: '<xs:s>',
    run: (data: unknown, algorithm: string) => {
      if (data === undefined) return undefined;
      const name = algorithms[algorithm] ?? wrong(`$hash knows ${Object.keys(algorithms).join(', ')}.`);
      return createHash(name)
        .update(typeof data === 'string' ? data : JSON.stringify(data))
        .digest('hex');
    },
  },
  random: {
    signature: '<n?:n>',
    run: (seed: number | undefined) => (seed === undefined ? Math.random() : seededRandom(`given ${seed}`)()),
  },
  uuid: { signature: '<:s>', run: () => seededUuid(Math.random) },
  parse: {
    signature: '<s?:x>',
    run: (text: string | undefined) => {
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return wrong('$parse was given a text that is no JSON.');
      }
    },
  },
  eval: { signature: '<x?x?:x>', run: () => wrong('$eval is not available; $parse reads JSON.') },
};

/** JSONata's own functions. */
export const jsonataFunctions = (
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match ' +
  'contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power ' +
  'random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert ' +
  'type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval ' +
  'toMillis fromMillis clone now millis'
).split(' ');

/** Every name that a function has, so that no variable may have it. */
export const functionNames: ReadonlySet<string> = new Set([...jsonataFunctions, ...Object.keys(addedFunctions)]);
