import semver from 'semver';
import { z } from 'zod';
import { canonicalJson } from '../../../core/canonical.ts';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { invalid } from '../errors.ts';
import { builtInFamily } from '../families/built-in.ts';
import { checkSchema } from '../families/check.ts';
import { schemaRef } from '../families/find.ts';
import { formats } from '../families/format.ts';
import { failure, type Problem } from '../families/neutral.ts';
import { listFamilyRows, lockFamily, putFamilyRow, putSchemaRow } from '../families/store.ts';
import { clientId, semanticVersion } from '../fields.ts';
import { strictValue } from '../integrity/parse-strict.ts';
import { tellChange } from '../releases/events.ts';

const words = z.array(z.string().min(1).max(500)).max(50);

const schemaField = z.strictObject({
  version: semanticVersion.describe('Semantic version of the schema.'),
  version_range: z
    .string()
    .max(100)
    .refine((range) => semver.validRange(range) !== null, 'must be a range of versions such as >=1.2')
    .optional()
    .describe('The versions of the client that read it; of a new version all.'),
  schema: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12 of the configuration. It never changes.'),
  deprecated_at: z.iso.datetime({ offset: true }).optional().describe('Since when nothing new should have it.'),
});

export const putClientFamily = () =>
  tool({
    name: 'put_client_family',
    title: 'Add or change a client family',
    description:
      'Tutti config: adds a client family of your own, whose configurations are opaque but for their JSON Schema, or a further version of its schema. A schema that was put never changes; what else is left out stays. The families that Tutti renders (list_clients, form neutral) are built in. Then make its profiles with put_config_profile.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:policy',
    input: {
      client_id: clientId,
      title: z.string().min(1).max(200).describe('Its name.'),
      format: z.enum(formats).optional().describe('Format of its file; of a new family json.'),
      schemas: z.array(schemaField).min(1).max(50).describe('Versions of its schema to add or deprecate.'),
      capabilities: words.optional().describe('What it can, in words of your own.'),
      notes: words.optional().describe('Required keys and known limitations.'),
    },
    output: z.looseObject({
      client_id: z.string().describe('Id of the family.'),
      schemas: z
        .array(
          z.looseObject({
            version: z.string().describe('Its version.'),
            schema_ref: z.string().describe('Where it is served for good.'),
          }),
        )
        .describe('All versions of its schema, the newest last.'),
    }),
    noted: ({ client_id, schemas }) => ({ client_id, versions: schemas.map(({ version }) => version) }),
    async run({ client_id, title, schemas, ...given }, { db, principal }) {
      requireFor(principal, 'config:policy', { client_id });
      if (builtInFamily(client_id)) throw builtIn(client_id);
      const problems = schemas.flatMap(({ schema }, at) =>
        checkSchema(strictValue(schema) as Record<string, unknown>).map((problem) => ({
          ...problem,
          pointer: `/schemas/${at}${problem.pointer}`,
        })),
      );
      problems.push(...versionsTwice(schemas));
      if (problems.length > 0) throw invalid('INVALID_CLIENT_FAMILY', 'The family', problems);
      await lockFamily(db, client_id);
      const [known] = await listFamilyRows(db, client_id);
      for (const { version, schema } of schemas) {
        const before = known?.schemas.find((one) => one.version === version);
        if (before && canonicalJson(before.schema) !== canonicalJson(schema)) throw schemaStays(version);
      }
      await putFamilyRow(db, {
        client_id,
        title,
        format: given.format ?? known?.format ?? 'json',
        capabilities: given.capabilities ?? known?.capabilities ?? [],
        notes: given.notes ?? known?.notes ?? [],
        put_by: principal.id,
      });
      const versions = new Map(schemas.map((one) => [one.version, one]));
      const all = semver.sort([
        ...new Set([...(known?.schemas ?? []).map(({ version }) => version), ...versions.keys()]),
      ]);
      for (const [position, version] of all.entries()) {
        const before = known?.schemas.find((one) => one.version === version);
        const now = versions.get(version);
        const deprecated = now?.deprecated_at;
        await putSchemaRow(db, {
          client_id,
          version,
          version_range: now?.version_range ?? before?.version_range ?? '*',
          schema: now?.schema ?? before?.schema ?? {},
          position,
          deprecated_at: deprecated === undefined ? (before?.deprecated_at ?? null) : new Date(deprecated),
        });
      }
      await tellChange(db, { what: 'family', client_id });
      return { client_id, schemas: all.map((version) => ({ version, schema_ref: schemaRef(client_id, version) })) };
    },
  });

function versionsTwice(schemas: readonly { readonly version: string }[]): Problem[] {
  const versions = schemas.map(({ version }) => version);
  return versions.flatMap((version, at) =>
    versions.indexOf(version) === at ? [] : [failure(['schemas', at, 'version'], 'This version is there twice.')],
  );
}

function builtIn(client: string): AppError {
  return new AppError(
    'CONFLICT',
    `The family ${client} is built in.`,
    'Choose another client_id for a family of your own.',
    { client_id: client },
  );
}

function schemaStays(version: string): AppError {
  return new AppError(
    'CONFLICT',
    `The schema ${version} of this family was put before, and it never changes.`,
    'Put the changed schema under a new version.',
    { version },
  );
}
