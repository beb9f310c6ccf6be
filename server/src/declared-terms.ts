import { sha256 } from './core/canonical.ts';
import type { Term } from './core/db/agreements.ts';
import { readReference } from './core/secrets.ts';
import type { Settings } from './core/settings.ts';

/** What tells one declared thing from another of the same name: no secret, and nothing that may differ by the machine. */
type Mark = readonly unknown[] | undefined;
type Marks = Readonly<Record<string, Mark>>;

/** The settings by which operators declare what callers name. */
const declarations: Readonly<Record<string, (settings: Settings) => Marks | Promise<Marks>>> = {
  'lake.embedders': (settings) =>
    byName(settings['lake.embedders'], ({ url, model, dimensions, max_chars }) => [url, model, dimensions, max_chars]),
  'lake.postgres_targets': async (settings) => {
    const targets = settings['lake.postgres_targets'];
    const places = await Promise.all(targets.map(({ url }) => placeOf(url)));
    return Object.fromEntries(targets.map(({ name }, at) => [name, places[at]]));
  },
  'lake.weaviate': (settings) => byName(settings['lake.weaviate'], ({ url, grpc_url }) => [url, grpc_url]),
};

/** For each such setting its names, and for each name a fingerprint, if what it stands for can be told here. */
export async function declaredTerms(settings: Settings): Promise<Term[]> {
  const terms: Term[] = [];
  for (const [setting, read] of Object.entries(declarations)) {
    const marks = Object.entries(await read(settings)).sort(([a], [b]) => (a < b ? -1 : 1));
    terms.push({ name: setting, value: `(${marks.map(([name]) => name).join(', ') || 'nothing'})`, unlessAlone: true });
    for (const [name, mark] of marks) {
      if (mark) terms.push({ name: `${setting} ${name}`, value: sha256(mark).slice(0, 32), unlessAlone: true });
    }
  }
  return terms;
}

function byName<T extends { readonly name: string }>(items: readonly T[], markOf: (item: T) => Mark): Marks {
  return Object.fromEntries(items.map((item) => [item.name, markOf(item)]));
}

/** Which database a URL leads to, without the user and the password. */
async function placeOf(reference: string): Promise<Mark> {
  const url = await readReference(reference);
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname, port, pathname } = new URL(url);
  return [hostname, port || '5432', pathname];
}
