import { badInput } from './error.ts';
import type { JsonSchema } from './json-schema.ts';
import { addressOf, requestJson } from './request.ts';

/** A tool as the server describes it. */
export interface ToolDescription {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly toolset: string;
  readonly effect: string;
  readonly scope: string;
  readonly input: JsonSchema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly 'x-effect': string;
  readonly 'x-scope': string;
  readonly 'x-aliases'?: readonly string[];
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
}

/** All tools of a server, as its OpenAPI description lists them. */
export async function listTools(url: string): Promise<ToolDescription[]> {
  const { paths = {} } = (await requestJson(fetch, addressOf(url, 'openapi.json'))) as {
    paths?: Record<string, { post?: Operation }>;
  };
  // What is read by its id is no tool.
  const tools = Object.values(paths).flatMap(({ post }) => (post ? [post] : []));
  return tools.map((post) => ({
    name: post.operationId,
    aliases: post['x-aliases'] ?? [],
    title: post.summary,
    description: post.description,
    toolset: post.tags[0] ?? '',
    effect: post['x-effect'],
    scope: post['x-scope'],
    input: post.requestBody.content['application/json'].schema,
  }));
}

/** One tool by its name, a former one, or its name with dashes. */
export async function findTool(url: string, name: string): Promise<ToolDescription> {
  const wanted = name.replaceAll('-', '_');
  const found = (await listTools(url)).find((tool) => tool.name === wanted || tool.aliases.includes(wanted));
  if (found) return found;
  throw badInput(`There is no tool called ${JSON.stringify(name)}.`, 'See them all with `tutti tools`.');
}
