import semver from 'semver';
import { z } from 'zod';
import {
  type NeutralInput,
  type NeutralServer,
  neutralInput,
  neutralServer,
  type Problem,
  parseNeutral,
  problemsOf,
} from '../families/neutral.ts';

/** A name of the catalogue: that of a registry, such as `io.github.owner/server`, or one of one's own. */
export const catalogName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,126}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,126})?$/);

/** One version of a server, described once for all clients. */
const catalogEntry = z.strictObject({
  name: catalogName,
  version: z
    .string()
    .max(255)
    .refine((version) => semver.valid(version) === version, 'It is no exact semantic version.'),
  server: neutralServer,
  inputs: z.array(neutralInput).max(50).default([]),
});

export interface CatalogEntry {
  readonly name: string;
  readonly version: string;
  readonly server: NeutralServer;
  readonly inputs: readonly NeutralInput[];
}

/** Reads an entry: its shape, and that its server names no input but its own. */
export function parseEntry(value: unknown): { entry?: CatalogEntry; problems: Problem[] } {
  const parsed = catalogEntry.safeParse(value);
  if (!parsed.success) return { problems: problemsOf(parsed.error) };
  const { problems } = parseNeutral({ inputs: parsed.data.inputs, servers: [parsed.data.server] });
  if (problems.length === 0) return { entry: parsed.data, problems };
  const here = ({ pointer, ...problem }: Problem) => ({
    pointer: pointer.replace('/servers/0', '/server'),
    ...problem,
  });
  return { problems: problems.map(here) };
}
