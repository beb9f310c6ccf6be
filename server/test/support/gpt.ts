import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { actionLimits } from '../../src/surfaces/action-limits.ts';

// biome-ignore lint/suspicious/noExplicitAny: walked as plain JSON
type Json = any;

export interface GptAction {
  readonly name: string;
  /** The first example of the request. */
  readonly example: Json;
  /** Calls it as a GPT would: what it sends and what comes back must be as the document says. */
  call(input: Json, token?: string): Promise<{ status: number; headers: Headers; body: Json }>;
}

/** A client that knows of a server what its document says, and reaches it at `origin` instead of the URL that is public. */
export async function readActions(origin: string, toolset: string, token: string): Promise<Map<string, GptAction>> {
  const document: Json = await (await fetch(`${origin}/openapi/${toolset}.json`)).json();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'document');
  const [{ url: base }] = document.servers;
  const actions = Object.entries<Json>(document.paths).map(([path, { post }]) => {
    const pointer = (part: string) =>
      ajv.compile({
        $ref: `document#/paths/${path.replaceAll('/', '~1')}/post/${part}/content/application~1json/schema`,
      });
    const [request, answer, failure] = ['requestBody', 'responses/200', 'responses/default'].map(pointer);
    const [example] = Object.values<Json>(post.requestBody.content['application/json'].examples ?? {});
    return {
      name: post.operationId as string,
      example: example?.value,
      async call(input: Json, as = token) {
        expect(request?.(input), JSON.stringify(request?.errors)).toBe(true);
        const response = await fetch(`${origin}${new URL(base).pathname}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
          body: JSON.stringify(input),
        });
        const text = await response.text();
        expect(text.length).toBeLessThanOrEqual(actionLimits.answerChars);
        const body = JSON.parse(text);
        const check = response.ok ? answer : failure;
        expect(check?.(body), JSON.stringify(check?.errors)).toBe(true);
        return { status: response.status, headers: response.headers, body };
      },
    };
  });
  return new Map(actions.map((action) => [action.name, action]));
}
