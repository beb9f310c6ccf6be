import { expect } from 'vitest';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
export type Body = any;

export interface CheckedCalls {
  /** Calls a tool, which must succeed. */
  ok(name: string, input?: unknown, token?: string): Promise<Body>;
  /** Calls a tool, which must fail; answers its error, with the HTTP status. */
  fails(name: string, input?: unknown, token?: string): Promise<Body>;
}

/** Calls of tools whose outcome the test knows beforehand. */
export function checkedCalls({ call }: Pick<TestServer, 'call'>): CheckedCalls {
  return {
    async ok(name, input = {}, token) {
      const { status, body } = await call(name, input, token);
      expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
      return body;
    },
    async fails(name, input = {}, token) {
      const { status, body } = await call(name, input, token);
      expect(body).toMatchObject({ success: false });
      return { status, ...body.error };
    },
  };
}
