import { randomBytes, randomUUID } from 'node:crypto';
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequests,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { FixtureTool } from './fixture-tools.ts';

type Call = ServerContext['mcpReq'];
type State = Record<string, unknown>;

const codec = createRequestStateCodec<State>({ key: randomBytes(32) });
const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] });

export const elicit = (message: string, field: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  });
const confirm = () =>
  inputRequired.elicit({
    message: 'Please confirm',
    requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  });
const sample = (words: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens: 50,
  });

/** The state that came back; one that was tampered with is refused as the protocol wants it. */
async function stateOf(context: ServerContext): Promise<State | undefined> {
  const raw = context.mcpReq.requestState<string>();
  if (raw === undefined) return undefined;
  try {
    return (await codec.verify(raw, context)) as State;
  } catch {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState');
  }
}
const mint = (state: State) => codec.mint({ ...state, nonce: randomUUID() });
const answer = <T>(call: Call, key: string): T | undefined => call.inputResponses?.[key] as T | undefined;
const contextOf = (mcpReq: Call) => ({ mcpReq }) as ServerContext;

/** Tools that ask the caller for something first. None of ours does; the surface lets them through in this revision. */
export const inputTools: Readonly<Record<string, FixtureTool>> = {
  async test_missing_capability(call) {
    if (answer(call, 'llm_answer') !== undefined) return text('done');
    return inputRequired({ inputRequests: { llm_answer: sample('Reply with the single word: pong') } });
  },
  async test_input_required_result_elicitation(call) {
    const name = acceptedContent<{ name: string }>(call.inputResponses, 'user_name')?.name;
    if (typeof name === 'string') return text(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: elicit('What is your name?', 'name') } });
  },
  async test_input_required_result_sampling(call) {
    const sampled = answer<{ content?: { text?: string } }>(call, 'capital_question');
    if (sampled) return text(`Sampling response: ${sampled.content?.text}`);
    return inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?') } });
  },
  async test_input_required_result_list_roots(call) {
    const roots = answer<{ roots?: { uri: string }[] }>(call, 'client_roots')?.roots;
    if (roots) return text(`Roots: ${roots.map((root) => root.uri).join(', ')}`);
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  },
  async test_input_required_result_request_state(call) {
    const state = await stateOf(contextOf(call));
    if (state && acceptedContent(call.inputResponses, 'confirm')) return text('state-ok: confirmed');
    const inputRequests = { confirm: confirm() };
    return inputRequired({ inputRequests, requestState: await mint({ of: 'request_state' }) });
  },
  async test_input_required_result_tampered_state(call) {
    const state = await stateOf(contextOf(call));
    if (state && acceptedContent(call.inputResponses, 'confirm')) return text('integrity-ok: verified');
    const inputRequests = { confirm: confirm() };
    return inputRequired({ inputRequests, requestState: await mint({ of: 'tampered_state' }) });
  },
  async test_input_required_result_multiple_inputs(call) {
    await stateOf(contextOf(call));
    const name = acceptedContent<{ name: string }>(call.inputResponses, 'user_name')?.name;
    const greeting = answer<{ content?: { text?: string } }>(call, 'greeting')?.content?.text;
    const roots = answer<{ roots?: unknown[] }>(call, 'client_roots')?.roots;
    if (name && greeting && roots) return text(`${greeting} ${name}, ${roots.length} roots`);
    const inputRequests = {
      user_name: elicit('What is your name?', 'name'),
      greeting: sample('Generate a greeting'),
      client_roots: inputRequired.listRoots(),
    };
    return inputRequired({ inputRequests, requestState: await mint({ of: 'multiple_inputs' }) });
  },
  async test_input_required_result_multi_round(call) {
    const state = await stateOf(contextOf(call));
    if (state?.round === 2) {
      const color = acceptedContent<{ color: string }>(call.inputResponses, 'step2')?.color;
      return text(`Multi-round complete: ${state.name} likes ${color}`);
    }
    if (state?.round === 1) {
      const name = acceptedContent<{ name: string }>(call.inputResponses, 'step1')?.name ?? 'unknown';
      const inputRequests = { step2: elicit('Step 2: What is your favorite color?', 'color') };
      return inputRequired({ inputRequests, requestState: await mint({ round: 2, name }) });
    }
    const inputRequests = { step1: elicit('Step 1: What is your name?', 'name') };
    return inputRequired({ inputRequests, requestState: await mint({ round: 1 }) });
  },
  async test_input_required_result_capabilities(call) {
    if (call.inputResponses !== undefined) return text('fulfilled');
    const declared = (call.envelope as Partial<Record<string, ClientCapabilities>> | undefined)?.[
      CLIENT_CAPABILITIES_META_KEY
    ];
    const inputRequests: InputRequests = {
      ...(declared?.elicitation && { user_name: elicit('What is your name?', 'name') }),
      ...(declared?.sampling && { greeting: sample('Generate a short greeting') }),
      ...(declared?.roots && { client_roots: inputRequired.listRoots() }),
    };
    if (Object.keys(inputRequests).length === 0) return text('nothing that this caller could be asked');
    return inputRequired({ inputRequests });
  },
};
