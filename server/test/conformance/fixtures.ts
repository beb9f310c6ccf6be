import { acceptedContent, inputRequired, type ServerContext } from '@modelcontextprotocol/server';
import type { ExtendMcp } from '../../src/surfaces/mcp.ts';
import { elicit } from './fixture-input-tools.ts';
import { fixtureTools, image, listedFixtureTools } from './fixture-tools.ts';

const say = (text: string) => ({ role: 'user' as const, content: { type: 'text' as const, text } });
const argument = (name: string) => ({ name, description: `The ${name}.`, required: true });

const prompts = [
  { name: 'test_simple_prompt', arguments: [] },
  { name: 'test_prompt_with_arguments', arguments: [argument('arg1'), argument('arg2')] },
  { name: 'test_prompt_with_embedded_resource', arguments: [argument('resourceUri')] },
  { name: 'test_prompt_with_image', arguments: [] },
  { name: 'test_input_required_result_prompt', arguments: [] },
].map((prompt) => ({ ...prompt, description: `Fixture of the conformance suite: ${prompt.name}.` }));

function getPrompt(name: string, given: Readonly<Record<string, string>>, call: ServerContext['mcpReq']) {
  switch (name) {
    case 'test_simple_prompt':
      return { messages: [say('This is a simple prompt for testing.')] };
    case 'test_prompt_with_arguments':
      return { messages: [say(`Prompt with arguments: arg1='${given.arg1}', arg2='${given.arg2}'`)] };
    case 'test_prompt_with_embedded_resource': {
      const resource = { uri: given.resourceUri ?? '', mimeType: 'text/plain', text: 'Embedded resource content.' };
      const content = { type: 'resource' as const, resource };
      return { messages: [{ role: 'user' as const, content }, say('Please process the embedded resource above.')] };
    }
    case 'test_prompt_with_image':
      return { messages: [{ role: 'user' as const, content: image }, say('Please analyze the image above.')] };
    case 'test_input_required_result_prompt': {
      const context = acceptedContent<{ context: string }>(call.inputResponses, 'user_context')?.context;
      if (context !== undefined) return { messages: [say(`Use the following context: ${context}`)] };
      return inputRequired({ inputRequests: { user_context: elicit('What context should it use?', 'context') } });
    }
    default:
      return undefined;
  }
}

const resources = [
  { uri: 'test://static-text', name: 'static-text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched-resource', mimeType: 'text/plain' },
];
const template = { uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' };

function contentsOf(uri: string) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { uri, mimeType: template.mimeType, text };
  }
  const known = resources.find((resource) => resource.uri === uri);
  if (!known) return undefined;
  const { mimeType } = known;
  if (mimeType === 'image/png') return { uri, mimeType, blob: image.data };
  return { uri, mimeType, text: 'This is the content of the static text resource.' };
}

/** Adds what the suite looks for to the shipped server: its lists come first, what it does not know is ours to answer. */
export const extendMcp: ExtendMcp = (server, { handlers, asker, notify }) => {
  server.registerCapabilities({ tools: { listChanged: true }, prompts: { listChanged: true } });
  server.setRequestHandler('tools/list', (request) => {
    const shipped = handlers.listTools(request, asker);
    return { ...shipped, tools: [...listedFixtureTools, ...shipped.tools] };
  });
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const fixture = Object.hasOwn(fixtureTools, params.name) ? fixtureTools[params.name] : undefined;
    if (fixture) return fixture(mcpReq, notify);
    return handlers.callTool(params.name, params.arguments, asker, mcpReq);
  });
  server.setRequestHandler('resources/list', (request) => {
    const shipped = handlers.listResources(request, asker);
    return { ...shipped, resources: [...resources, ...shipped.resources] };
  });
  server.setRequestHandler('resources/templates/list', (request) => {
    const shipped = handlers.listTemplates(request, asker);
    return { ...shipped, resourceTemplates: [template, ...shipped.resourceTemplates] };
  });
  server.setRequestHandler('resources/read', async ({ params }) => {
    const contents = contentsOf(params.uri);
    return contents ? { contents: [contents] } : handlers.readResource(params.uri, asker);
  });
  server.setRequestHandler('prompts/list', (request) => {
    const shipped = handlers.listPrompts(request, asker);
    return { ...shipped, prompts: [...prompts, ...shipped.prompts] };
  });
  server.setRequestHandler('prompts/get', async ({ params }, { mcpReq }) => {
    const given = params.arguments ?? {};
    return getPrompt(params.name, given, mcpReq) ?? handlers.getPrompt(params.name, given, asker);
  });
  server.setRequestHandler('completion/complete', ({ params }) => {
    const ours = params.ref.type === 'ref/prompt' && params.ref.name.startsWith('test_');
    if (ours) return { completion: { values: [params.argument.value], total: 1, hasMore: false } };
    return handlers.complete(params.ref, params.argument, asker);
  });
};
