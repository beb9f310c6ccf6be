import { z } from 'zod';
import { sha256 } from '../../../core/canonical.ts';
import { lockInTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { parseEntry } from '../catalog/entry.ts';
import { importServerJson } from '../catalog/import.ts';
import { alikeNames } from '../catalog/squat.ts';
import { findCatalogRow, insertCatalogRow, listCatalogNames } from '../catalog/store.ts';
import { invalid } from '../errors.ts';
import { strictValue } from '../integrity/parse-strict.ts';
import { requireNoSecrets, scanForSecrets } from '../secrets/scan.ts';

export const putCatalogServer = () =>
  tool({
    name: 'put_catalog_server',
    title: 'Describe a server once',
    description:
      'Tutti config: keeps a version of an MCP server in the catalogue, from which drafts take it by {"ref": "<name>@<version>"}: written in the neutral form, or imported from a registry\'s server.json (2025-12-11). A version never changes. For what is there use list_catalog_servers.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:publish',
    input: {
      entry: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('{name, version, server, inputs}: exact version, server and inputs in the neutral form.'),
      server_json: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('A server.json, or what a registry answers: {server, _meta}. In place of entry.'),
      package: z
        .int()
        .min(0)
        .max(100)
        .optional()
        .describe('Of server.json: which of its packages; by default the first.'),
      remote: z
        .int()
        .min(0)
        .max(100)
        .optional()
        .describe('Of server.json: which of its remotes, in place of a package.'),
    },
    output: z.looseObject({
      ref: z.string().describe('How drafts name it, name@version.'),
      created: z.boolean().describe('Whether it is new; false where the same was there.'),
      server: z.record(z.string(), z.unknown()).describe('The server in the neutral form.'),
      inputs: z.array(z.record(z.string(), z.unknown())).describe('The inputs that it needs.'),
      warnings: z
        .array(z.looseObject({ pointer: z.string().describe('Where.'), message: z.string().describe('What.') }))
        .describe('What was left out, or may surprise.'),
    }),
    async run({ entry, server_json, ...choice }, { db, principal }) {
      if ((entry === undefined) === (server_json === undefined)) throw whichOne('entry or server_json');
      if (choice.package !== undefined && choice.remote !== undefined) throw whichOne('package or remote');
      if (entry && Object.keys(choice).length > 0) throw notOfAnEntry();
      const read = entry ? parseEntry(strictValue(entry)) : importServerJson(strictValue(server_json), chosen(choice));
      const errors = read.problems.filter(({ severity }) => severity === 'error');
      if (!read.entry || errors.length > 0) throw invalid('INVALID_CATALOG_SERVER', 'The server', errors);
      requireNoSecrets(scanForSecrets({ server: read.entry.server, inputs: read.entry.inputs }));
      const { name, version, server, inputs } = read.entry;
      const hash = sha256({ server, inputs });
      await lockInTransaction(db, 'config.catalog', name);
      const known = await findCatalogRow(db, name, version);
      const alike = alikeNames(name, await listCatalogNames(db)).map((other) => mistaken(other));
      if (known && known.hash !== hash) throw stays(`${name}@${version}`);
      if (!known) {
        const row = { name, version, server, inputs: [...inputs], hash, imported: entry === undefined };
        await insertCatalogRow(db, { ...row, put_by: principal.id });
      }
      return {
        ref: `${name}@${version}`,
        created: !known,
        server: { ...server },
        inputs: inputs.map((input) => ({ ...input })),
        warnings: [...alike, ...read.problems.map((problem) => ({ ...problem }))],
      };
    },
  });

function chosen({ package: at, remote }: { package?: number | undefined; remote?: number | undefined }) {
  if (remote !== undefined) return { remote };
  return at === undefined ? undefined : { package: at };
}

/** Another name may be an imitation, or the same server under a second one: people can tell. */
function mistaken(other: string) {
  return { pointer: '/name', message: `The catalogue has ${other}: make sure that they are not mixed up.` };
}

function whichOne(fields: string): AppError {
  return new AppError('VALIDATION_FAILED', `Give either ${fields}.`, 'Leave one of them out.');
}

function notOfAnEntry(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'package and remote choose of a server_json, and this is an entry.',
    'Leave them out.',
  );
}

function stays(ref: string): AppError {
  return new AppError('CONFLICT', `${ref} is in the catalogue already, and differs.`, 'Put it under a new version.', {
    ref,
  });
}
