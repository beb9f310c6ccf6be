import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { reaches } from '../bound.ts';
import { cannotExpress } from '../families/built-in.ts';
import type { Reader } from '../reading/reader.ts';

const schemaField = z.looseObject({
  schema_ref: z.string().describe('Where the schema is served for good.'),
  version: z.string().describe('Its semantic version.'),
  version_range: z.string().describe('The versions of the client that read it.'),
  deprecated_at: z.string().optional().describe('Since when no new configuration should have it.'),
});

export const listClients = (reader: Reader) =>
  tool({
    name: 'list_clients',
    title: 'List client families',
    description:
      'Tutti config: lists the client families, each with its schemas, what it can, what it cannot express, its profiles, and what its facts rest on. For the profiles of one use list_profiles; for a configuration get_config.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    common: true,
    fromMemory: true,
    input: {},
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            client_id: z.string().describe('Id of the family.'),
            title: z.string().describe('Its name.'),
            schemas: z.array(schemaField).describe('Versions of its schema, the newest last.'),
            capabilities: z.array(z.string()).describe('What it can.'),
            profiles: z.array(z.string()).describe('Its profiles.'),
            form: z.string().describe('neutral where Tutti renders it, opaque where drafts are the configuration.'),
            format: z.string().describe('Format of its file: json, jsonc, toml or yaml.'),
            evidence: z
              .string()
              .describe('What its facts rest on: real-client, published-schema, vendor-docs, third-party.'),
            cannot_express: z.array(z.string()).describe('What its format has no way to say.'),
            notes: z.array(z.string()).describe('Required keys and known limitations.'),
          }),
        )
        .describe('The families.'),
    }),
    async run(_input, { principal }) {
      const standing = await reader.standing();
      const profiles = standing.profiles.filter(reaches(principal, 'config:read'));
      const byClient = Map.groupBy(profiles, ({ client_id }) => client_id);
      return {
        items: standing.families.map((family) => {
          const { client_id, title, capabilities, form, format, evidence, notes, schemas } = family;
          return {
            client_id,
            title,
            schemas: schemas.map(({ schema: _schema, ...shown }) => shown),
            capabilities: [...capabilities],
            profiles: (byClient.get(client_id) ?? []).map(({ profile }) => profile),
            form,
            format,
            evidence,
            cannot_express: cannotExpress(family),
            notes: [...notes],
          };
        }),
      };
    },
  });
