import type { Catalogue } from '../core/catalogue.ts';
import type { DocumentRoute } from '../core/document.ts';
import type { ResourceKind } from '../core/resource.ts';

/** How long the database's word about a token counts where what is answered comes out of memory. */
const trustMs = 5000;

export interface TrustSettings {
  readonly catalogue: Catalogue;
  readonly resources: readonly ResourceKind[];
  readonly documents?: readonly DocumentRoute[];
}

/**
 * For a path how old the database's word about a token may be while it is there; undefined where it may never be away. MCP
 * has one path for all tools: the database is asked each time, and while it is away those are called that need none.
 */
export function createTrust({ catalogue, resources, documents = [] }: TrustSettings) {
  const own = new Set(documents.filter(({ fromMemory }) => fromMemory).map(({ path }) => path.split('/')[1]));
  return (path: string): number | undefined => {
    const [, first = '', second = ''] = path.split('/');
    if (first === 'mcp') return 0;
    if (own.has(first)) return trustMs;
    const fromMemory =
      first === 'tools'
        ? catalogue.find(second)?.tool.fromMemory
        : first === 'resources' && resources.some(({ kind, fromMemory: always }) => kind === second && always);
    return fromMemory ? trustMs : undefined;
  };
}
