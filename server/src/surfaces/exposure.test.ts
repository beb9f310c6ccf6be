import { describe, expect, test } from 'vitest';
import { fullCatalogue } from '../../test/support/catalogue.ts';
import { expandGrants, type Principal } from '../core/auth/principal.ts';
import { toolsets } from '../core/tool.ts';
import { createExposures, exposureOf, isCallable } from './exposure.ts';

const catalogue = fullCatalogue();
const { faces } = catalogue;
const of = (...grants: string[]): Principal => ({
  id: 'p',
  name: 'p',
  admin: false,
  scopes: expandGrants(grants).scopes,
});

test('an endpoint is the default, all, or a toolset', () => {
  expect(exposureOf(undefined)).toBe('default');
  expect(exposureOf('all')).toBe('all');
  for (const toolset of toolsets) expect(exposureOf(toolset)).toBe(toolset);
  for (const segment of ['', 'default', 'Lake', 'lake ', '__proto__', 'constructor']) {
    expect(exposureOf(segment)).toBeUndefined();
  }
});

describe('an endpoint', () => {
  const exposed = createExposures(catalogue);

  test('shows what its principal may call, in the order of the catalogue', () => {
    for (const grants of [['admin'], ['reader'], ['lake:read'], ['system:read', 'lake:write'], []]) {
      const principal = of(...grants);
      const allowed = faces.filter((face) => principal.scopes.has(face.scope));
      expect(exposed('all', principal)).toEqual(allowed);
      expect(exposed('default', principal)).toEqual(allowed.filter((face) => face.common));
      for (const toolset of toolsets) {
        const wanted = allowed.filter((face) => face.toolset === toolset || face.toolset === 'system');
        expect(exposed(toolset, principal)).toEqual(wanted);
      }
    }
  });

  test('answers the same list for the same scopes, whoever has them and in whichever order', () => {
    const list = exposed('lake', of('lake:read', 'system:read'));
    expect(exposed('lake', { ...of('system:read', 'lake:read'), id: 'q' })).toBe(list);
    expect(exposed('all', of('lake:read', 'system:read'))).not.toBe(list);
  });
});

test('what is shown can be called; the default endpoint takes all by name, a toolset its own', () => {
  for (const face of faces) {
    expect(isCallable(face, 'default')).toBe(true);
    expect(isCallable(face, 'all')).toBe(true);
    for (const toolset of toolsets) {
      expect(isCallable(face, toolset)).toBe(face.toolset === toolset || face.toolset === 'system');
    }
  }
});
