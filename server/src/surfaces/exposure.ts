import type { Principal } from '../core/auth/principal.ts';
import type { Catalogue, ToolFace } from '../core/catalogue.ts';
import { AppError } from '../core/errors.ts';
import { unknownTool } from '../core/invoke.ts';
import { type Toolset, toolsets } from '../core/tool.ts';

/** Which tools an address shows: the default set, everything, or one toolset with the system tools. */
export type Endpoint = 'default' | 'all' | Toolset;

/** What one request was narrowed to besides its token's scopes: by its address, its headers and the operator. */
export interface Exposure {
  readonly endpoint: Endpoint;
  /** The only toolsets besides `system`; undefined for all. */
  readonly toolsets: readonly Toolset[] | undefined;
  readonly readOnly: boolean;
}

/** The endpoint behind `/mcp`, `/mcp/all` and `/mcp/<toolset>`. */
export function endpointOf(segment: string | undefined): Endpoint | undefined {
  if (segment === undefined) return 'default';
  if (segment === 'all') return 'all';
  return toolsets.find((toolset) => toolset === segment);
}

/** Narrows an endpoint by `X-MCP-Toolsets` and `X-MCP-Readonly`. What is not understood is refused, never ignored. */
export function narrow(endpoint: Endpoint, headers: Headers, readOnly: boolean): Exposure {
  return {
    endpoint,
    toolsets: onlyToolsets(headers.get('x-mcp-toolsets')),
    readOnly: asksReadOnly(headers.get('x-mcp-readonly')) || readOnly,
  };
}

function onlyToolsets(header: string | null): Toolset[] | undefined {
  if (header === null) return undefined;
  const named = header.split(',').map((name) => name.trim());
  const unknown = named.filter((name) => !toolsets.some((toolset) => toolset === name));
  if (unknown.length === 0) return toolsets.filter((toolset) => named.includes(toolset));
  throw new AppError(
    'BAD_REQUEST',
    'The header X-MCP-Toolsets names a toolset that there is not.',
    `Name some of these, with commas between them, or leave the header out: ${toolsets.join(', ')}.`,
    { unknown: unknown.slice(0, 10).map((name) => name.slice(0, 100)) },
  );
}

function asksReadOnly(header: string | null): boolean {
  if (header === null || header === 'false') return false;
  if (header === 'true') return true;
  throw new AppError(
    'BAD_REQUEST',
    'The header X-MCP-Readonly is neither true nor false.',
    'Send X-MCP-Readonly: true, or leave the header out.',
  );
}

const maxKnown = 500;

/** The tools that a principal finds; computed once per narrowing and set of scopes, of which the last ones are kept. */
export function createExposures(catalogue: Catalogue) {
  const known = new Map<string, readonly ToolFace[]>();
  return (exposure: Exposure, principal: Principal): readonly ToolFace[] => {
    const { endpoint, toolsets: only, readOnly } = exposure;
    const key = `${endpoint} ${only?.join(',')} ${readOnly} ${[...principal.scopes].sort().join(' ')}`;
    const found = known.get(key);
    if (found) return found;
    const faces = catalogue.faces.filter(
      (face) =>
        refusal(face, exposure) === undefined &&
        (endpoint !== 'default' || face.common) &&
        principal.scopes.has(face.scope),
    );
    const [oldest] = known.size >= maxKnown ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    known.set(key, faces);
    return faces;
  };
}

/** Whether a toolset lies within a narrowing. The system's always does. */
export function leadsTo(
  toolset: string,
  { endpoint, toolsets: only }: Pick<Exposure, 'endpoint'> & Partial<Exposure>,
): boolean {
  if (toolset === 'system') return true;
  const atEndpoint = endpoint === 'default' || endpoint === 'all' || endpoint === toolset;
  return atEndpoint && (only === undefined || only.some((one) => one === toolset));
}

/**
 * Why a tool cannot be called here; undefined where it can. The default endpoint lists the common path but takes every
 * tool by its name. A tool that calls others passes read-only mode: the tool that it calls is asked about again.
 */
export function refusal(face: ToolFace, exposure: Exposure): AppError | undefined {
  if (!leadsTo(face.toolset, exposure)) return unknownTool(face.name);
  if (!exposure.readOnly || face.effect === 'read' || face.dispatches) return undefined;
  return new AppError(
    'FORBIDDEN',
    `This connection is read-only, and ${face.name} changes something.`,
    'Call a tool whose effect is read, or connect without X-MCP-Readonly to a server that is not read-only.',
    { read_only: true },
  );
}
