import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Principal } from '../core/auth/principal.ts';
import { sha256 } from '../core/canonical.ts';
import type { HumanAnswer, Question } from '../core/elicit.ts';
import type { Caller } from '../core/invoke.ts';
import type { Cursors } from '../core/page.ts';

/** A call that may end with a question, or brings the answer. */
interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly principal: Principal;
}

const capabilitiesKey = CLIENT_CAPABILITIES_META_KEY;
/** Under this name the question goes out and its answer comes in. */
const key = 'question';
/** What travels through the client is signed as a place in this list would be. */
const list = 'mcp.questions';

const responseSchema = z.looseObject({
  action: z.enum(['accept', 'decline', 'cancel']),
  content: z.record(z.string(), z.unknown()).nullish(),
});
const stateSchema = z.record(z.string(), z.string());

/**
 * Elicitation in revision 2026-07-28: a call ends with the question, and the client makes it again with what its human
 * answered. Older revisions are served without a session, which has nothing to ask on.
 */
export function createQuestions(cursors: Cursors) {
  const boundTo = ({ name, input, principal }: Call) => ({
    name,
    input: sha256(input ?? null),
    principal: principal.id,
  });

  return {
    /** Whether the caller's human can be asked, and the answer that this call brings. Throws BAD_CURSOR for a forged one. */
    of(call: Call, request: ServerContext['mcpReq']): Pick<Caller, 'elicits' | 'answer'> {
      const { elicitation } = capabilitiesOf(request);
      // An empty declaration is the one of a client that knows forms only.
      const elicits = elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
      const response = responseSchema.safeParse(request.inputResponses?.[key]);
      const state = request.requestState<unknown>();
      if (!response.success || typeof state !== 'string') return elicits ? { elicits } : {};
      const answer: HumanAnswer = {
        action: response.data.action,
        content: response.data.content ?? {},
        state: stateSchema.parse(JSON.parse(cursors.decode(list, boundTo(call), state) ?? '{}')),
      };
      return { elicits, answer };
    },

    ask: (call: Call, { message, schema, state }: Question) =>
      inputRequired({
        inputRequests: {
          [key]: inputRequired.elicit({
            message,
            requestedSchema: schema as Parameters<typeof inputRequired.elicit>[0]['requestedSchema'],
          }),
        },
        requestState: cursors.encode(list, boundTo(call), JSON.stringify(state)),
      }),
  };
}

function capabilitiesOf({ envelope }: ServerContext['mcpReq']): Partial<ClientCapabilities> {
  return (envelope as Readonly<Record<string, ClientCapabilities | undefined>> | undefined)?.[capabilitiesKey] ?? {};
}
