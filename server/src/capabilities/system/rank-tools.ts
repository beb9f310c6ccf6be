import type { ToolFace } from '../../core/catalogue.ts';

/** What a word of the query is worth where it stands; the same beginning is worth half. */
const weights = { name: 8, title: 5, toolset: 4, description: 2 } as const;
const places = Object.keys(weights) as (keyof typeof weights)[];

/**
 * The tools in which a word of the query stands: first by how many of its words, then by where. Ties, and all tools for
 * a query without words, stay in the order of the catalogue.
 */
export function rankTools(faces: readonly ToolFace[], query: string): ToolFace[] {
  const wanted = [...new Set(wordsOf(query))];
  if (wanted.length === 0) return [...faces];
  return faces
    .map((face) => {
      const words = places.map((place) => ({ weight: weights[place], words: wordsOf(face[place]) }));
      const worths = wanted.map((word) => Math.max(...words.map((place) => worth(word, place))));
      return {
        face,
        matched: worths.filter((one) => one > 0).length,
        score: worths.reduce((sum, one) => sum + one, 0),
      };
    })
    .filter(({ matched }) => matched > 0)
    .sort((a, b) => b.matched - a.matched || b.score - a.score)
    .map(({ face }) => face);
}

function worth(word: string, { weight, words }: { weight: number; words: readonly string[] }): number {
  if (words.includes(word)) return weight;
  return word.length > 2 && words.some((known) => known.startsWith(word)) ? weight / 2 : 0;
}

/** Lower-case words without a plural's ending, so that `datasets` finds `dataset`. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => (word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word));
}
