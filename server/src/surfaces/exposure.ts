import type { Principal } from '../core/auth/principal.ts';
import type { Catalogue, ToolFace } from '../core/catalogue.ts';
import { toolsets } from '../core/tool.ts';

/** Which tools an endpoint shows: the default set, everything, or one toolset with the system tools. */
export type Exposure = 'default' | 'all' | (typeof toolsets)[number];

/** The exposure behind `/mcp`, `/mcp/all` and `/mcp/<toolset>`. */
export function exposureOf(segment: string | undefined): Exposure | undefined {
  if (segment === undefined) return 'default';
  if (segment === 'all') return 'all';
  return toolsets.find((toolset) => toolset === segment);
}

/** The tools that a principal finds at an endpoint; computed once per endpoint and set of scopes. */
export function createExposures(catalogue: Catalogue) {
  const known = new Map<string, readonly ToolFace[]>();
  return (exposure: Exposure, principal: Principal): readonly ToolFace[] => {
    const key = `${exposure} ${[...principal.scopes].sort().join(' ')}`;
    const found = known.get(key);
    if (found) return found;
    const faces = catalogue.faces.filter((face) => isShown(face, exposure) && principal.scopes.has(face.scope));
    known.set(key, faces);
    return faces;
  };
}

function isShown(face: ToolFace, exposure: Exposure): boolean {
  if (exposure === 'all') return true;
  if (exposure === 'default') return face.common;
  return face.toolset === exposure || face.toolset === 'system';
}

/** The default endpoint lists the common path but takes every tool by its name; a toolset's endpoint takes its own only. */
export function isCallable(face: ToolFace, exposure: Exposure): boolean {
  return exposure === 'default' || isShown(face, exposure);
}
