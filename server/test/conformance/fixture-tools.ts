import { setTimeout as sleep } from 'node:timers/promises';
import type { CallToolResult, InputRequiredResult, ServerContext, ServerNotifier } from '@modelcontextprotocol/server';
import { inputTools } from './fixture-input-tools.ts';

export type FixtureTool = (
  context: ServerContext['mcpReq'],
  notify: ServerNotifier,
) => Promise<CallToolResult | InputRequiredResult>;

export const image = {
  type: 'image' as const,
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  mimeType: 'image/png',
};
const audio = {
  type: 'audio' as const,
  data: 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=',
  mimeType: 'audio/wav',
};
const resource = (uri: string, mimeType: string, text: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text },
});

const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] });

/** What the suite calls. The shipped server answers JSON only; these show that its surface carries the rest as well. */
export const fixtureTools: Readonly<Record<string, FixtureTool>> = {
  test_simple_text: async () => text('This is a simple text response for testing.'),
  test_image_content: async () => ({ content: [image] }),
  test_audio_content: async () => ({ content: [audio] }),
  test_embedded_resource: async () => ({
    content: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }),
  test_multiple_content_types: async () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }),
  test_error_handling: async () => ({ isError: true, ...text('This tool intentionally returns an error for testing') }),
  async test_tool_with_progress({ _meta, notify }) {
    const progressToken = _meta?.progressToken;
    if (progressToken === undefined) return text('no-progress-token');
    for (const progress of [0, 50, 100]) {
      await notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await sleep(50);
    }
    return text(String(progressToken));
  },
  test_streaming_elicitation: async () => text('results only'),
  test_logging_tool: async () => text('nothing is logged to a caller that did not ask'),
  async test_trigger_tool_change(_context, notify) {
    notify.toolsChanged();
    return text('published');
  },
  async test_trigger_prompt_change(_context, notify) {
    notify.promptsChanged();
    return text('published');
  },
  json_schema_2020_12_tool: async () => text('called'),
  ...inputTools,
};

const schema202012 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

export const listedFixtureTools = Object.keys(fixtureTools).map((name) => ({
  name,
  description: `Fixture of the conformance suite: ${name}.`,
  inputSchema: name === 'json_schema_2020_12_tool' ? schema202012 : { type: 'object' as const },
}));
