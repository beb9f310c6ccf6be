import { ProtocolErrorCode, type ServerContext } from '@modelcontextprotocol/server';
import type { Principal } from '../core/auth/principal.ts';
import type { Catalogue, ToolFace } from '../core/catalogue.ts';
import type { Db } from '../core/db/database.ts';
import { NeedsAnswer } from '../core/elicit.ts';
import { AppError, envelope } from '../core/errors.ts';
import { type Caller, type Invoke, unknownTool } from '../core/invoke.ts';
import type { Logger } from '../core/log.ts';
import type { Cursors } from '../core/page.ts';
import type { Prompt } from '../core/prompt.ts';
import { type ResourceKind, readResource, templateOf } from '../core/resource.ts';
import { createExposures, type Exposure, leadsTo, refusal } from './exposure.ts';
import { toListed } from './listed-face.ts';
import { createPager } from './mcp-pages.ts';
import { createQuestions } from './mcp-questions.ts';
import { protocolError } from './mcp-server.ts';
import { type CompletionSubject, createPrompts } from './prompts.ts';
import { entryOf } from './trace-entry.ts';

export interface HandlerSettings {
  readonly catalogue: Catalogue;
  readonly invoke: Invoke;
  readonly resources: readonly ResourceKind[];
  readonly prompts: readonly Prompt[];
  readonly cursors: Cursors;
  readonly db: Db;
  readonly log: Logger;
}

/** Who asks, and how narrowed. */
export interface Asker {
  readonly exposure: Exposure;
  readonly principal: Principal;
}

const entryFacts = { 'mcp.method.name': 'tools/call' };

interface Listing {
  readonly params?: { readonly cursor?: string | undefined } | undefined;
}

/** The methods of the protocol, for one asker at a time. What the lists show is computed once per narrowing. */
export function createHandlers(settings: HandlerSettings) {
  const exposed = createExposures(settings.catalogue);
  const listed = new WeakMap<readonly ToolFace[], ReturnType<typeof toListed>[]>();
  const prompts = createPrompts(settings.prompts, settings.resources, settings.db);
  const pageOf = createPager(settings.cursors);
  const questions = createQuestions(settings.cursors);

  return {
    listTools: ({ params }: Listing, { exposure, principal }: Asker) => {
      const faces = exposed(exposure, principal);
      const brief = exposure.endpoint === 'default';
      const tools = listed.get(faces) ?? faces.map((face) => toListed(face, { brief }));
      listed.set(faces, tools);
      const { page, ...more } = paged('tools', exposure, tools, params?.cursor);
      return { tools: page as typeof tools, ...more };
    },

    async callTool(
      name: string,
      input: unknown,
      { exposure, principal }: Asker,
      call: ServerContext['mcpReq'] & { readonly headers?: Headers | undefined },
    ) {
      const known = settings.catalogue.find(name);
      const refused = known ? refusal(known.face, exposure) : unknownTool(name);
      if (refused?.code === 'UNKNOWN_TOOL') throw protocolError(ProtocolErrorCode.InvalidParams, refused);
      const caller: Caller = {
        principal,
        signal: call.signal,
        refusal: (face) => refusal(face, exposure),
        narrowing: exposure,
        ...progressOf(call),
        ...questions.of({ name, input, principal }, call),
        entry: entryOf({ headers: call.headers, meta: call._meta }, entryFacts),
      };
      try {
        const output = await settings.invoke(name, input, caller);
        return { structuredContent: output, content: [{ type: 'text' as const, text: JSON.stringify(output) }] };
      } catch (error) {
        if (error instanceof NeedsAnswer) return questions.ask({ name, input, principal }, error.question);
        return { isError: true, content: [{ type: 'text' as const, text: JSON.stringify(envelope(error)) }] };
      }
    },

    listResources: ({ params }: Listing, { exposure }: Asker) => {
      const { page, ...more } = paged('resources', exposure, [] as { uri: string; name: string }[], params?.cursor);
      return { resources: [...page], ...more };
    },

    listTemplates: ({ params }: Listing, { exposure }: Asker) => {
      const templates = settings.resources.filter(({ toolset }) => leadsTo(toolset, exposure)).map(toTemplate);
      const { page, ...more } = paged('templates', exposure, templates, params?.cursor);
      return { resourceTemplates: [...page], ...more };
    },

    async readResource(uri: string, { exposure, principal }: Asker) {
      // An underscore is in no legal scheme, but in the spelling of a former one.
      const [, kind = '', id = '', search] = /^([a-z][a-z0-9+._-]*):\/\/([^?#]+)(?:\?([^#]*))?$/i.exec(uri) ?? [];
      const query = new URLSearchParams(search);
      const within = settings.resources.filter(({ toolset }) => leadsTo(toolset, exposure));
      return orProtocolError(async () => {
        const body = await readResource(within, { kind: kind.toLowerCase(), id, query }, principal, settings.db);
        return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(body) }] };
      }, uri);
    },

    listPrompts: ({ params }: Listing, { exposure, principal }: Asker) => {
      const { page, ...more } = paged('prompts', exposure, prompts.list(exposure, principal), params?.cursor);
      return { prompts: [...page], ...more };
    },

    getPrompt: (name: string, given: Readonly<Record<string, string>>, { exposure, principal }: Asker) =>
      orProtocolError(async () => prompts.get(name, given, exposure, principal), name),

    complete: (
      subject: CompletionSubject,
      argument: { readonly name: string; readonly value: string },
      { exposure, principal }: Asker,
    ) => orProtocolError(() => prompts.complete(subject, argument, exposure, principal), argument.name),
  };

  function paged<Item>(list: string, narrowing: Exposure, items: readonly Item[], cursor: string | undefined) {
    try {
      return pageOf(`mcp.${list}`, narrowing, items, cursor);
    } catch (error) {
      throw protocolError(ProtocolErrorCode.InvalidParams, error);
    }
  }

  async function orProtocolError<T>(work: () => Promise<T>, subject: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError)) settings.log.error({ subject, error }, 'a request of the protocol failed');
      const code = error instanceof AppError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
      throw protocolError(code, error);
    }
  }
}

export type McpHandlers = ReturnType<typeof createHandlers>;

/** Sends the progress of a call to a caller that asked for it; what does not arrive was not needed. */
function progressOf(call: ServerContext['mcpReq']): Pick<Caller, 'progress'> {
  const progressToken = call._meta?.progressToken;
  if (progressToken === undefined) return {};
  return {
    progress: (progress, message) => {
      const params = { progressToken, progress, total: 1, message };
      call.notify({ method: 'notifications/progress', params }).catch(() => undefined);
    },
  };
}

function toTemplate(resource: ResourceKind) {
  return {
    uriTemplate: templateOf(resource),
    name: resource.kind,
    title: resource.title,
    description: resource.description,
    mimeType: 'application/json',
  };
}
