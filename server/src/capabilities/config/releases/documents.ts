import { z } from 'zod';
import { holdsFor, type Principal } from '../../../core/auth/principal.ts';
import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import type { DocumentRoute, ServedDocument } from '../../../core/document.ts';
import { AppError } from '../../../core/errors.ts';
import { requireFor } from '../bound.ts';
import { noArtifact } from '../errors.ts';
import { schemaOf } from '../families/check.ts';
import { requireFamily } from '../families/find.ts';
import { clientId, fingerprint, profileName } from '../fields.ts';
import type { Figures } from '../figures.ts';
import { artifactType, releaseType } from '../integrity/documents.ts';
import { findCurrent } from './find-current.ts';
import { showConfig, signatureOf } from './show.ts';
import type { SigningKeys } from './signing-keys.ts';
import { findArtifact, findStatement } from './store.ts';

const scope = 'config:read';
const hash = ':hash{sha256:[0-9a-f]{64}}';

/** What is served as it is stored: schemas and signed documents for good, and what is current. */
export function configDocuments(keys: SigningKeys, figures: Figures): DocumentRoute[] {
  return [
    {
      path: '/schemas/:client/:version',
      scope,
      async find({ params: { client = '', version = '' } }, _principal, db) {
        const found = schemaOf(await requireFamily(db, client), version);
        if (!found) throw noSchema(client, version);
        return json(found.schema, 'application/schema+json', true);
      },
    },
    {
      path: `/artifacts/${hash}`,
      scope,
      async find({ params: { hash: id = '' } }, principal, db) {
        const { bytes, type } = await documentOf(db, principal, id);
        return { bytes, type, etag: id, immutable: true };
      },
    },
    {
      path: `/artifacts/${hash}/signature`,
      scope,
      async find({ params: { hash: id = '' } }, principal, db) {
        await documentOf(db, principal, id);
        return json(await signatureOf(db, keys, id), 'application/json', false);
      },
    },
    {
      path: '/config/:client/:profile',
      scope,
      async find({ params, query }, principal, db) {
        const client_id = clientId.safeParse(params.client).data ?? '';
        const profile = profileName.safeParse(params.profile).data ?? '';
        requireFor(principal, scope, { client_id, profile });
        const found = await findCurrent(db, { client_id, profile, ...asked(query) });
        figures.fetched();
        return json(await showConfig(db, keys, found), 'application/json', false);
      },
    },
  ];
}

/** A signed document by its hash. */
async function documentOf(db: Db, principal: Principal, id: string): Promise<{ bytes: Buffer; type: string }> {
  const artifact = await findArtifact(db, id);
  const found = artifact ?? (await findStatement(db, id));
  if (!found || !holdsFor(principal, scope, found.client_id, found.profile)) throw noArtifact(id);
  return { bytes: found.bytes, type: artifact ? artifactType : releaseType };
}

const wanted = z.object({
  client_fingerprint: fingerprint.optional(),
  accept_schemas: z.array(z.string().min(1).max(200)).max(50),
});

function asked(query: URLSearchParams): z.output<typeof wanted> {
  const parsed = wanted.safeParse({
    client_fingerprint: query.get('client_fingerprint') ?? undefined,
    accept_schemas: query.getAll('accept_schemas'),
  });
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
