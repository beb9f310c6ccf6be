/**
 * Names of the catalogue that a new one could be mistaken for: the same but for its separators, for signs that look alike, or
 * for one sign. What differs only in its namespace counts too: that is how a server is imitated.
 */
export function alikeNames(name: string, known: readonly string[]): string[] {
  const own = skeleton(name);
  return known.filter((other) => other !== name && near(own, skeleton(other)));
}

const lookalikes: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', i: 'l', '5': 's', '3': 'e' };

function skeleton(name: string): string {
  const local = name.slice(name.indexOf('/') + 1).toLowerCase();
  return [...local.replace(/[._-]/g, '')].map((sign) => lookalikes[sign] ?? sign).join('');
}

/** Whether at most one sign was added, left out, changed, or swapped with its neighbour. */
function near(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 4) return false;
  let from = 0;
  while (from < Math.min(a.length, b.length) && a[from] === b[from]) from += 1;
  const [restA, restB] = [a.slice(from), b.slice(from)];
  const swapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return swapped || restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
