import { failure, type NeutralServer, type Problem, problemsOf } from '../families/neutral.ts';
import { type CatalogEntry, parseEntry } from './entry.ts';
import { serverOfPackage } from './packages.ts';
import { type RegistryRemote, registryAnswer, type ServerJson, serverJson, serverJsonSchema } from './server-json.ts';
import { type Templates, templates } from './templates.ts';

/** Which of a server's packages or remotes is wanted, by index. Without one: the first package, else the first remote. */
export type Choice = { readonly package: number } | { readonly remote: number };

export interface Imported {
  /** Absent when a problem is an error. */
  readonly entry?: CatalogEntry;
  readonly problems: readonly Problem[];
}

/**
 * An entry of the catalogue from a registry's server.json (2025-12-11), by itself or as a registry answers it: `{server, _meta}`. Exact
 * versions only, secrets as secret inputs, values as inputs or literals. What the registry deleted is refused. Every text of it is data
 * of a stranger.
 */
export function importServerJson(json: unknown, choice?: Choice): Imported {
  const answer = registryAnswer.safeParse(json).data;
  if (!answer) return imported(json, choice);
  const { entry, problems } = imported(
    { ...answer.server, _meta: { ...answer.server._meta, ...answer._meta } },
    choice,
  );
  const within = ({ pointer, ...problem }: Problem) => ({
    pointer: pointer.startsWith('/_meta') ? pointer : `/server${pointer}`,
    ...problem,
  });
  return { ...(entry && { entry }), problems: problems.map(within) };
}

function imported(json: unknown, choice: Choice | undefined): Imported {
  const parsed = serverJson.safeParse(json);
  if (!parsed.success) return { problems: problemsOf(parsed.error) };
  const document = parsed.data;
  const problems = problemsOfDocument(document);
  const made = templates(problems);
  const way = serverOf(document, choice, made, problems);
  const failed = problems.some(({ severity }) => severity === 'error');
  if (!way || failed) return { problems };
  const { entry, problems: more } = parseEntry({
    name: document.name,
    version: document.version,
    server: {
      name: localName(document.name),
      ...way,
      ...(document.description && { description: document.description }),
    },
    inputs: [...made.inputs.values()],
  });
  return { ...(entry && { entry }), problems: [...problems, ...more] };
}

type Way = Omit<NeutralServer, 'name'>;

function serverOf(document: ServerJson, choice: Choice | undefined, made: Templates, problems: Problem[]) {
  const { packages, remotes } = document;
  const chosen: Choice = choice ?? (packages.length > 0 ? { package: 0 } : { remote: 0 });
  if ('package' in chosen) {
    const given = packages[chosen.package];
    if (given) return serverOfPackage(given, ['packages', chosen.package], made, problems);
  } else {
    const given = remotes[chosen.remote];
    if (given) return serverOfRemote(given, ['remotes', chosen.remote], made);
  }
  problems.push(failure([], 'It has no such package or remote.'));
  return undefined;
}

function serverOfRemote(given: RegistryRemote, path: readonly PropertyKey[], made: Templates): Way {
  const headers: Record<string, string> = {};
  for (const [at, header] of given.headers.entries()) {
    const text = made.text(header, header.name, [...path, 'headers', at]);
    if (text !== undefined) headers[header.name] = text;
  }
  return {
    transport: given.type === 'sse' ? 'sse' : 'http',
    url: made.filled(given.url, given.variables, [...path, 'url']),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

function problemsOfDocument({ $schema, _meta }: ServerJson): Problem[] {
  const official = _meta?.['io.modelcontextprotocol.registry/official'] as { status?: unknown } | undefined;
  const status = typeof official === 'object' ? official?.status : undefined;
  return [
    ...($schema === undefined || $schema === serverJsonSchema
      ? []
      : [failure(['$schema'], `Only ${serverJsonSchema} is read.`)]),
    ...(status === 'deleted' ? [failure(['_meta'], 'The registry has deleted it.')] : []),
    ...(status === 'deprecated'
      ? [{ ...failure(['_meta'], 'The registry calls it deprecated.'), severity: 'warning' as const }]
      : []),
  ];
}

/** The part of a name after the namespace, as clients take it. */
function localName(name: string): string {
  const local = name.slice(name.indexOf('/') + 1).toLowerCase();
  return (
    local
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 63) || 'server'
  );
}
