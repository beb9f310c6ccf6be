import { controlRequest } from './from-control.ts';
import { hookRequest } from './from-hooks.ts';
import { mcpRequest } from './from-mcp.ts';
import { elsewhereRequest, eventsRequest, pageRequest, resourceRequest, uploadRequest } from './from-pages.ts';
import { actionsRequest, toolsRequest } from './from-tools.ts';
import { wireRequest } from './from-wire.ts';
import { createRandom } from './random.ts';
import type { FuzzRequest, Surface } from './request.ts';
import type { KnownTool } from './tool-calls.ts';

/** How often each surface is asked, in hundredths: the most where most code is. */
const shares: Readonly<Record<Surface, number>> = {
  tools: 40,
  actions: 4,
  mcp: 33,
  resources: 4,
  pages: 4,
  events: 2,
  uploads: 4,
  hooks: 3,
  elsewhere: 2,
  wire: 3,
  control: 1,
};

/** The request of this seed and index. */
export function generate(
  seed: number,
  index: number,
  surfaces: readonly Surface[],
  tools: readonly KnownTool[],
): FuzzRequest {
  const random = createRandom(seed, index);
  switch (random.weighted(surfaces.map((surface) => [shares[surface], surface] as const))) {
    case 'tools':
      return toolsRequest(tools, random);
    case 'actions':
      return actionsRequest(tools, random);
    case 'mcp':
      return mcpRequest(tools, random);
    case 'resources':
      return resourceRequest(random);
    case 'pages':
      return pageRequest(random);
    case 'events':
      return eventsRequest(random);
    case 'uploads':
      return uploadRequest(random);
    case 'hooks':
      return hookRequest(random);
    case 'elsewhere':
      return elsewhereRequest(random);
    case 'wire':
      return wireRequest(random);
    case 'control':
      return controlRequest(random);
  }
}
