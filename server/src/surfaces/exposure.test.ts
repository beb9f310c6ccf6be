import { describe, expect, test } from 'vitest';
import { fullCatalogue } from '../../test/support/catalogue.ts';
import { expandGrants, type Principal } from '../core/auth/principal.ts';
import { type Toolset, toolsets } from '../core/tool.ts';
import { createExposures, type Endpoint, type Exposure, endpointOf, leadsTo, narrow, refusal } from './exposure.ts';

const catalogue = fullCatalogue();
const { faces } = catalogue;
const of = (...grants: string[]): Principal => ({
  id: 'p',
  name: 'p',
  admin: false,
  scopes: expandGrants(grants).scopes,
});
const at = (endpoint: Endpoint, more: Partial<Exposure> = {}): Exposure => ({
  endpoint,
  toolsets: undefined,
  readOnly: false,
  ...more,
});

test('an endpoint is the default, all, or a toolset', () => {
  expect(endpointOf(undefined)).toBe('default');
  expect(endpointOf('all')).toBe('all');
  for (const toolset of toolsets) expect(endpointOf(toolset)).toBe(toolset);
  for (const segment of ['', 'default', 'Lake', 'lake ', '__proto__', 'constructor']) {
    expect(endpointOf(segment)).toBeUndefined();
  }
});

describe('headers', () => {
  const read = (headers: Record<string, string>, readOnly = false) => narrow('all', new Headers(headers), readOnly);

  test('narrow to toolsets, in any order and with spaces', () => {
    expect(read({})).toEqual(at('all'));
    expect(read({ 'X-MCP-Toolsets': 'ops, lake' })).toEqual(at('all', { toolsets: ['lake', 'ops'] }));
    expect(read({ 'x-mcp-toolsets': 'lake,lake,ops' })).toEqual(at('all', { toolsets: ['lake', 'ops'] }));
  });

  test('narrow to reading; no header undoes what the operator set', () => {
    expect(read({ 'X-MCP-Readonly': 'true' }).readOnly).toBe(true);
    expect(read({ 'X-MCP-Readonly': 'false' }).readOnly).toBe(false);
    expect(read({ 'X-MCP-Readonly': 'false' }, true).readOnly).toBe(true);
    expect(read({}, true).readOnly).toBe(true);
  });

  test.each([
    { 'X-MCP-Toolsets': '' },
    { 'X-MCP-Toolsets': 'lake,' },
    { 'X-MCP-Toolsets': 'nonsense' },
    { 'X-MCP-Toolsets': 'all' },
    { 'X-MCP-Toolsets': 'Lake' },
    { 'X-MCP-Toolsets': '__proto__' },
    { 'X-MCP-Readonly': '' },
    { 'X-MCP-Readonly': 'yes' },
    { 'X-MCP-Readonly': 'true, false' },
  ])('that are not understood are refused, never ignored: %o', (headers) => {
    expect(() => read(headers)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});

describe('an endpoint', () => {
  const exposed = createExposures(catalogue);

  test('shows what its principal may call, in the order of the catalogue', () => {
    for (const grants of [['admin'], ['reader'], ['lake:read'], ['system:read', 'lake:write'], []]) {
      const principal = of(...grants);
      const allowed = faces.filter((face) => principal.scopes.has(face.scope));
      expect(exposed(at('all'), principal)).toEqual(allowed);
      expect(exposed(at('default'), principal)).toEqual(allowed.filter((face) => face.common));
      for (const toolset of toolsets) {
        const wanted = allowed.filter((face) => face.toolset === toolset || face.toolset === 'system');
        expect(exposed(at(toolset), principal)).toEqual(wanted);
      }
    }
  });

  test('is narrowed by all that was asked for together', () => {
    const endpoints: Endpoint[] = ['default', 'all', ...toolsets];
    const onlys: (readonly Toolset[] | undefined)[] = [undefined, ['lake'], ['ops'], ['lake', 'ops'], ['system']];
    for (const grants of [['admin'], ['reader'], ['lake:read', 'lake:write']]) {
      const principal = of(...grants);
      const wide = (endpoint: Endpoint) => exposed(at(endpoint), principal);
      for (const endpoint of endpoints) {
        for (const only of onlys) {
          for (const readOnly of [false, true]) {
            const wanted = wide(endpoint)
              .filter(({ toolset }) => toolset === 'system' || !only || only.some((one) => one === toolset))
              .filter((face) => !readOnly || face.effect === 'read' || face.name === 'call_tool');
            expect(exposed(at(endpoint, { toolsets: only, readOnly }), principal)).toEqual(wanted);
          }
        }
      }
    }
  });

  test('answers the same list for the same scopes, whoever has them and in whichever order', () => {
    const list = exposed(at('lake'), of('lake:read', 'system:read'));
    expect(exposed(at('lake'), { ...of('system:read', 'lake:read'), id: 'q' })).toBe(list);
    expect(exposed(at('all'), of('lake:read', 'system:read'))).not.toBe(list);
    expect(exposed(at('lake', { readOnly: true }), of('lake:read', 'system:read'))).not.toBe(list);
    expect(exposed(at('lake', { toolsets: ['ops'] }), of('lake:read', 'system:read'))).not.toBe(list);
  });
});

test('what is shown can be called; the default endpoint takes all by name, a toolset its own', () => {
  for (const face of faces) {
    expect(refusal(face, at('default'))).toBeUndefined();
    expect(refusal(face, at('all'))).toBeUndefined();
    for (const toolset of toolsets) {
      const within = face.toolset === toolset || face.toolset === 'system';
      expect(leadsTo(face.toolset, at(toolset))).toBe(within);
      expect(refusal(face, at(toolset))?.code).toBe(within ? undefined : 'UNKNOWN_TOOL');
      expect(refusal(face, at('all', { toolsets: [toolset] }))?.code).toBe(within ? undefined : 'UNKNOWN_TOOL');
    }
  }
});

test('read-only refuses what changes something, whatever else was asked for', () => {
  for (const face of faces) {
    const refused = face.effect !== 'read' && face.name !== 'call_tool';
    expect(refusal(face, at('all', { readOnly: true }))?.code).toBe(refused ? 'FORBIDDEN' : undefined);
    const within = face.toolset === 'lake' || face.toolset === 'system';
    expect(refusal(face, at('default', { readOnly: true, toolsets: ['lake'] })) === undefined).toBe(within && !refused);
  }
});
