import { readFile } from 'node:fs/promises';

export type Movie = Readonly<Record<string, unknown>>;

/** Rows by the key of the object that holds them. */
export type MovieObjects = Readonly<Record<string, readonly Movie[]>>;

export const moviesName = 'movies-tour';

/** Reads the real data set of 3,201 films: one object for each time of release. */
export async function readMovies(): Promise<MovieObjects> {
  const file = await readFile(new URL('../data/movies.json', import.meta.resolve('vega-datasets')), 'utf8');
  const objects: Record<string, Movie[]> = {};
  for (const movie of JSON.parse(file) as Movie[]) {
    const key = keyOf(releaseYear(movie));
    objects[key] ??= [];
    objects[key].push(movie);
  }
  return objects;
}

/**
 * The file is of 2010, and has 22 old films come out a century too late. This corrects them, takes out the two that had not
 * come out yet, and adds one that had.
 */
export function corrected(movies: readonly Movie[]): Movie[] {
  return [
    ...movies
      .filter((movie) => releaseYear(movie) !== 2011)
      .map((movie) => (releaseYear(movie) > 2011 ? aCenturyEarlier(movie) : movie)),
    {
      ...Object.fromEntries(Object.keys(movies[0] ?? {}).map((column) => [column, null])),
      Title: 'The Social Network',
      'Release Date': 'Oct 01 2010',
      'MPAA Rating': 'PG-13',
      Distributor: 'Sony Pictures',
      'Major Genre': 'Drama',
      Director: 'David Fincher',
    },
  ];
}

/** As an export with two faults leaves them: ratings out of 100 instead of 10, and every eighth title lost. */
export function spoiled(movies: readonly Movie[]): Movie[] {
  return movies.map((movie, at) => {
    const rating = movie['IMDB Rating'];
    return {
      ...movie,
      Title: at % 8 === 7 ? null : movie.Title,
      'IMDB Rating': typeof rating === 'number' ? Math.round(rating * 10) : rating,
    };
  });
}

/** The line of an object that its first row is on. */
export const firstLine = 2;

/** The bytes of an object: a JSON array, one row a line. */
export function toBytes(movies: readonly Movie[]): Buffer {
  return Buffer.from(`[\n${movies.map((movie) => JSON.stringify(movie)).join(',\n')}\n]\n`);
}

function keyOf(year: number): string {
  if (year < 1980) return 'raw/until-1979.json';
  if (year >= 2010) return 'raw/2010-on.json';
  return `raw/${Math.floor(year / 10)}0s.json`;
}

function releaseYear(movie: Movie): number {
  return Number(String(movie['Release Date']).slice(-4));
}

function aCenturyEarlier(movie: Movie): Movie {
  const date = String(movie['Release Date']);
  return { ...movie, 'Release Date': `${date.slice(0, -4)}${releaseYear(movie) - 100}` };
}
