import type { SchemaObject } from './odcs.ts';

/**
 * Which schema object an object of a version belongs to, by its place; undefined when to none. A contract with one schema
 * object is about all of them. Of several each is found by its `physicalName` or else its name: as a glob over the key
 * (`raw/orders-*.csv`; `**` goes across folders), the key itself, a folder in it, or the file's name without its ending.
 */
export function assign(objects: readonly SchemaObject[], key: string): number | undefined {
  if (objects.length === 1) return 0;
  const at = objects.findIndex((object) => belongs(object.physicalName ?? object.name, key));
  return at < 0 ? undefined : at;
}

function belongs(pattern: string, key: string): boolean {
  const segments = key.split('/');
  if (/[*?]/.test(pattern)) return matchesPath(pattern.split('/'), segments);
  const file = (segments.at(-1) ?? '').replace(/(?<=.)\..*$/, '');
  return (
    key === pattern || key.startsWith(`${pattern}/`) || segments.slice(0, -1).includes(pattern) || file === pattern
  );
}

/** Place by place, so that no pattern takes long: how much of the pattern is used up after each segment. */
function matchesPath(pattern: readonly string[], segments: readonly string[]): boolean {
  const pass = (places: Set<number>) => {
    for (const at of places) if (pattern[at] === '**') places.add(at + 1);
    return places;
  };
  let places = pass(new Set([0]));
  for (const segment of segments) {
    const next = new Set<number>();
    for (const at of places) {
      const part = pattern[at];
      if (part === '**') next.add(at);
      else if (part !== undefined && matches(part, segment)) next.add(at + 1);
    }
    places = pass(next);
  }
  return places.has(pattern.length);
}

/** One segment: going back no further than to the last star. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let from = 0;
  while (place < text.length) {
    if (pattern[at] === '*') {
      star = at;
      from = place;
      at += 1;
    } else if (pattern[at] === text[place] || pattern[at] === '?') {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      from += 1;
      place = from;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
