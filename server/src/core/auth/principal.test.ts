import { describe, expect, test } from 'vitest';
import { toolsets } from '../tool.ts';
import { canSee, expandGrants, type Principal, readableToolsets } from './principal.ts';

const of = (id: string, grants: readonly string[], admin = false): Principal => ({
  id,
  name: id,
  admin,
  scopes: expandGrants(grants).scopes,
});

describe('grants', () => {
  test('a role is a bundle of scopes', () => {
    expect([...expandGrants(['reader']).scopes].sort()).toEqual(toolsets.map((name) => `${name}:read`).sort());
    const writer = expandGrants(['writer']).scopes;
    expect(writer.has('lake:write')).toBe(true);
    expect(writer.has('lake:destroy')).toBe(false);
  });

  test('to approve is in no role, not in that of administrators either', () => {
    for (const role of ['admin', 'writer', 'reader']) {
      expect(expandGrants([role])).toMatchObject({ unknown: [] });
      expect(expandGrants([role]).scopes.has('config:approve'), role).toBe(false);
    }
    expect(expandGrants(['config:approve']).scopes).toEqual(new Set(['config:approve']));
  });

  test('what is no grant is named, and grants nothing', () => {
    const odd = ['root', 'lake', 'lake:*', 'lake:approve', '*', '', 'Admin', '__proto__', 'constructor', 'toString'];
    expect(expandGrants([...odd, 'lake:read'])).toEqual({ scopes: new Set(['lake:read']), unknown: odd });
  });
});

describe('who sees what', () => {
  const everybody = {
    owner: of('owner', ['lake:read']),
    reader: of('reader', ['reader']),
    stranger: of('stranger', ['ops:read', 'lake:write']),
    admin: of('admin', ['admin'], true),
    narrowed: of('admin', ['ops:read'], true),
    nobody: of('nobody', []),
  };
  const matrix = (subject: Parameters<typeof canSee>[1]) =>
    Object.entries(everybody)
      .filter(([, principal]) => canSee(principal, subject))
      .map(([name]) => name);

  test.each([
    ['what nobody owns: who may read its toolset', { toolset: 'lake' }, ['owner', 'reader', 'admin']],
    ['what somebody owns: she and administrators', { toolset: 'lake', owner: 'owner' }, ['owner', 'admin']],
    ['an own thing of a toolset that one may not read', { toolset: 'lake', owner: 'stranger' }, ['admin']],
    ['another toolset', { toolset: 'ops' }, ['reader', 'stranger', 'admin', 'narrowed']],
    ['a toolset that is none', { toolset: 'nothing' }, []],
  ])('%s', (_what, subject, expected) => {
    expect(matrix(subject)).toEqual(expected);
  });

  test('every toolset is read by its own scope alone', () => {
    for (const toolset of toolsets) {
      const one = of('one', [`${toolset}:read`]);
      expect(readableToolsets(one)).toEqual([toolset]);
      expect(toolsets.filter((other) => canSee(one, { toolset: other }))).toEqual([toolset]);
    }
  });
});
