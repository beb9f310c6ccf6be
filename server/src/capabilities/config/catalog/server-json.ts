import { z } from 'zod';

/** The schema of the registry that is read here; later ones may mean something else by the same names. */
export const serverJsonSchema = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';

const text = z.string().max(8192);
const input = z.object({
  description: text.optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  default: text.optional(),
  value: text.optional(),
});
const variables = z.record(z.string().max(128), input).optional();
const withVariables = input.extend({ variables });
const keyed = withVariables.extend({ name: z.string().max(128) });
const argument = z.discriminatedUnion('type', [
  withVariables.extend({ type: z.literal('positional'), valueHint: z.string().max(128).optional() }),
  withVariables.extend({ type: z.literal('named'), name: z.string().min(1).max(500) }),
]);
const some = <T extends z.ZodType>(item: T) => z.array(item).max(100).default([]);

const packageShape = z.object({
  registryType: z.string().max(40),
  registryBaseUrl: z.string().max(500).optional(),
  identifier: z.string().min(1).max(500),
  version: z.string().max(255).optional(),
  fileSha256: z
    .string()
    .regex(/^[a-f0-9]{64}$/)
    .optional(),
  runtimeHint: z.string().max(100).optional(),
  runtimeArguments: some(argument),
  packageArguments: some(argument),
  environmentVariables: some(keyed),
  transport: z.object({ type: z.string() }),
});

const remoteShape = z.object({
  type: z.enum(['streamable-http', 'sse']),
  url: z.string().max(8192),
  headers: some(keyed),
  variables,
});

/** What is read of a registry's server.json, version 2025-12-11; its other fields do not matter here. */
export const serverJson = z.object({
  $schema: z.string().max(300).optional(),
  name: z.string().regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  description: z.string().max(500).optional(),
  version: z.string().max(255),
  packages: z.array(packageShape).max(50).default([]),
  remotes: z.array(remoteShape).max(50).default([]),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

/** How a registry answers one: what it says of a version, such as that it was deleted, stands beside it. */
export const registryAnswer = z.object({
  server: z.looseObject({ _meta: z.record(z.string(), z.unknown()).optional() }),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

export type ServerJson = z.output<typeof serverJson>;
export type RegistryPackage = z.output<typeof packageShape>;
export type RegistryRemote = z.output<typeof remoteShape>;
export type RegistryArgument = z.output<typeof argument>;
export type RegistryInput = z.output<typeof withVariables>;
