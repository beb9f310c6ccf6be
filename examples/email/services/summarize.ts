/** The sentences of a text that its frequent words stand in, in their order: words of the author, nothing made up. */
export function summarize(text: string, sentences = 2): string {
  const all = text
    .split(/\n\s*\n|(?<=[.!?])\s+/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence.split(' ').length > 3);
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weigh = (sentence: string) => {
    const words = new Set(wordsOf(sentence));
    return [...words].reduce((sum, word) => sum + (counts.get(word) ?? 0), 0) / (words.size + 3);
  };
  const best = new Set([...all].sort((a, b) => weigh(b) - weigh(a)).slice(0, sentences));
  return all.filter((sentence) => best.has(sentence)).join(' ') || text.replace(/\s+/g, ' ').slice(0, 200);
}

/** Short words tell little. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}{4,}/gu) ?? [];
}
