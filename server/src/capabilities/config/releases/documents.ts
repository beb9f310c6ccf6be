import { z } from 'zod';
import { holdsFor, type Principal } from '../../../core/auth/principal.ts';
import { sha256 } from '../../../core/canonical.ts';
import type { DocumentRoute, ServedDocument } from '../../../core/document.ts';
import { AppError } from '../../../core/errors.ts';
import { requireFor } from '../bound.ts';
import { noArtifact, noClient, noProfile } from '../errors.ts';
import { schemaOf } from '../families/check.ts';
import { acceptSchemas, clientId, fingerprint, profileName } from '../fields.ts';
import type { Figures } from '../figures.ts';
import type { KeptDocument } from '../reading/documents.ts';
import type { Reader } from '../reading/reader.ts';

const scope = 'config:read';
const hash = ':hash{sha256:[0-9a-f]{64}}';

/** What is served as it is stored: schemas and signed documents for good, and what is current. */
export function configDocuments(reader: Reader, figures: Figures): DocumentRoute[] {
  const routes: DocumentRoute[] = [
    {
      path: '/schemas/:client/:version',
      scope,
      async find({ params: { client = '', version = '' } }, _principal) {
        const family = (await reader.standing()).family(client);
        if (!family) throw noClient(client);
        const found = schemaOf(family, version);
        if (!found) throw noSchema(client, version);
        return json(found.schema, 'application/schema+json', true);
      },
    },
    {
      path: `/artifacts/${hash}`,
      scope,
      async find({ params: { hash: id = '' } }, principal) {
        const { bytes, type } = await figures.fetched(() => documentOf(reader, principal, id));
        return { bytes, type, etag: id, immutable: true };
      },
    },
    {
      path: `/artifacts/${hash}/signature`,
      scope,
      async find({ params: { hash: id = '' } }, principal) {
        await documentOf(reader, principal, id);
        return json(await reader.signature(id), 'application/json', false);
      },
    },
    {
      path: '/config/:client/:profile',
      scope,
      async find({ params, query }, principal) {
        const { client: client_id = '', profile = '' } = params;
        if (!clientId.safeParse(client_id).success) throw noClient(client_id);
        if (!profileName.safeParse(profile).success) throw noProfile(client_id, profile);
        requireFor(principal, scope, { client_id, profile });
        const wanted = { client_id, profile, ...asked(query) };
        const { json: bytes, etag } = await figures.fetched(async () => reader.config(await reader.current(wanted)));
        return { bytes, type: 'application/json', etag, immutable: false, staleSince: reader.staleSince() };
      },
    },
  ];
  return routes.map((route) => ({ ...route, fromMemory: true }));
}

/** A signed document by its hash. */
async function documentOf(reader: Reader, principal: Principal, id: string): Promise<KeptDocument> {
  const found = await reader.document(id);
  if (!found || !holdsFor(principal, scope, found.client_id, found.profile)) throw noArtifact(id);
  return found;
}

const wanted = z.strictObject({
  client_fingerprint: fingerprint.optional(),
  accept_schemas: acceptSchemas,
});

/** The query; a name that is misspelt is refused, for without it the answer would be somebody else's. */
function asked(query: URLSearchParams): z.output<typeof wanted> {
  const given = [...Map.groupBy(query, ([name]) => name)].map(([name, pairs]) => {
    const values = pairs.map(([, value]) => value);
    return [name, name === 'accept_schemas' || values.length > 1 ? values : values[0]] as const;
  });
  const parsed = wanted.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw new AppError(
    'VALIDATION_FAILED',
    'The query of this address is not valid.',
    'It takes client_fingerprint once and accept_schemas as often as wanted, as get_config does.',
    { issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) },
  );
}

function json(value: object, type: string, immutable: boolean): ServedDocument {
  const text = JSON.stringify(value);
  return { bytes: Buffer.from(text), type, etag: sha256(text), immutable };
}

function noSchema(client: string, version: string): AppError {
  return new AppError(
    'NOT_FOUND',
    `There is no schema ${JSON.stringify(version.slice(0, 50))} of ${client}.`,
    'list_clients names the schemas of each family.',
  );
}
