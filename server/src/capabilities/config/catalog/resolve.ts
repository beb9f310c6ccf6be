import semver from 'semver';
import { z } from 'zod';
import { canonicalJson } from '../../../core/canonical.ts';
import {
  failure,
  most,
  type NeutralConfig,
  type NeutralInput,
  type NeutralServer,
  neutralEnv,
  neutralInput,
  neutralServer,
  type Problem,
  parseNeutral,
  problemsOf,
} from '../families/neutral.ts';
import { type CatalogEntry, catalogName } from './entry.ts';

/** A server of the catalogue in a draft: which one, exactly, and what is different here. */
const reference = z.strictObject({
  ref: z.string().max(512).describe('`<name>@<exact version>` of a server of the catalogue.'),
  name: neutralServer.shape.name.optional().describe('Its name here, when not that of the entry.'),
  env: neutralEnv.optional().describe('Set besides those of the entry, or instead.'),
  tools: neutralServer.shape.tools,
  timeout_ms: neutralServer.shape.timeout_ms,
  enabled: neutralServer.shape.enabled,
});

const draftShape = z.strictObject({
  inputs: z.array(neutralInput).max(most.inputs).default([]),
  servers: z.array(z.record(z.string(), z.unknown())).max(most.servers),
});

/** Finds a version of a server in the catalogue. */
export type FindEntry = (name: string, version: string) => Promise<CatalogEntry | undefined>;

export interface Resolved {
  /** Absent when there are problems. */
  readonly config?: NeutralConfig;
  /** `name@version` of every entry that was used. */
  readonly sources: readonly string[];
  readonly problems: readonly Problem[];
}

/** A neutral draft with its references replaced by what the catalogue says, and the inputs that they bring. */
export async function resolveDraft(draft: unknown, find: FindEntry): Promise<Resolved> {
  const shape = draftShape.safeParse(draft);
  if (!shape.success) return { sources: [], problems: problemsOf(shape.error) };
  const problems: Problem[] = [];
  const sources: string[] = [];
  const inputs = new Map<string, NeutralInput>();
  for (const input of shape.data.inputs) {
    if (inputs.has(input.id)) problems.push(failure(['inputs'], `The input ${input.id} is there twice.`));
    inputs.set(input.id, input);
  }
  const servers: unknown[] = [];
  for (const [at, given] of shape.data.servers.entries()) {
    if (!('ref' in given)) servers.push(given);
    else {
      const found = await referred(given, at, find);
      problems.push(...found.problems);
      if (!found.entry) continue;
      sources.push(found.source);
      problems.push(...join(inputs, found.entry.inputs, found.source, at));
      servers.push(found.server);
    }
  }
  if (problems.length > 0) return { sources, problems };
  return { sources, ...parseNeutral({ inputs: [...inputs.values()], servers }) };
}

type Referred =
  | { readonly entry: CatalogEntry; readonly server: NeutralServer; readonly source: string; readonly problems: [] }
  | { readonly entry?: undefined; readonly problems: Problem[] };

async function referred(given: unknown, at: number, find: FindEntry): Promise<Referred> {
  const path = ['servers', at] as const;
  const parsed = reference.safeParse(given);
  if (!parsed.success) return { problems: problemsOf(parsed.error, path) };
  const { ref, env, name: here, ...differences } = parsed.data;
  const split = ref.lastIndexOf('@');
  const [name, version] = [ref.slice(0, Math.max(0, split)), ref.slice(split + 1)];
  // A range, a tag or `v1.2.3` would name something else tomorrow, or the same thing by two names.
  if (!catalogName.safeParse(name).success || semver.valid(version) !== version)
    return { problems: [failure([...path, 'ref'], 'It names no exact version: write <name>@1.2.3.')] };
  const entry = await find(name, version);
  if (!entry) return { problems: [failure([...path, 'ref'], `The catalogue has no ${ref}.`)] };
  const server: NeutralServer = {
    ...entry.server,
    ...defined(differences),
    name: here ?? entry.server.name,
    ...(env && { env: { ...entry.server.env, ...env } }),
    source: { catalog: ref },
  };
  return { entry, server, source: ref, problems: [] };
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Adds the inputs of an entry. Two that share an id must be the same, else one would get the other's value. */
function join(inputs: Map<string, NeutralInput>, more: readonly NeutralInput[], source: string, at: number): Problem[] {
  return more.flatMap((input) => {
    const known = inputs.get(input.id);
    if (known && canonicalJson(known) !== canonicalJson(input))
      return [failure(['servers', at, 'ref'], `The input ${input.id} of ${source} is another one than here.`)];
    inputs.set(input.id, input);
    return [];
  });
}
