import { describe, expect, test } from 'vitest';
import { toolsets } from '../tool.ts';
import { authorityOf } from './authority.ts';
import { canSee, expandGrants, holdsFor, type Principal, readableToolsets } from './principal.ts';

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

  test('to approve is in no role but its own, not in that of administrators either', () => {
    const others = ['owner', 'publisher', 'security', 'auditor', 'client'].map((role) => `config-${role}`);
    for (const role of ['admin', 'writer', 'reader', ...others]) {
      expect(expandGrants([role])).toMatchObject({ unknown: [] });
      expect(expandGrants([role]).scopes.has('config:approve'), role).toBe(false);
    }
    for (const role of ['config-owner', 'config-security']) {
      expect(expandGrants([role]).scopes.has('config:publish'), role).toBe(false);
    }
    expect(expandGrants(['config-approver']).scopes).toEqual(new Set(['config:read', 'config:approve']));
    expect(expandGrants(['config:approve']).scopes).toEqual(new Set(['config:approve']));
  });

  test('what is no grant is named, and grants nothing', () => {
    const odd = ['root', 'lake', 'lake:*', 'lake:approve', '*', '', 'Admin', '__proto__', 'constructor', 'toString'];
    expect(expandGrants([...odd, 'lake:read'])).toEqual({ scopes: new Set(['lake:read']), unknown: odd });
  });
});

describe('grants that are bound to a client family and a profile', () => {
  const may = (grants: readonly string[], scope: string) => {
    const { scopes, limits } = expandGrants(grants);
    const principal = { ...of('one', []), scopes, ...(limits && { limits: [limits] }) };
    return (client: string, profile?: string) => holdsFor(principal, scope, client, profile);
  };

  test.each<[readonly string[], readonly (readonly [client: string, profile: string])[]]>([
    [['config:publish@cursor/prod'], [['cursor', 'prod']]],
    [
      ['config-publisher@cursor/*'],
      [
        ['cursor', 'prod'],
        ['cursor', 'dev'],
      ],
    ],
    [
      ['config:publish@*/dev', 'config:publish@zed/prod'],
      [
        ['cursor', 'dev'],
        ['zed', 'dev'],
        ['zed', 'prod'],
      ],
    ],
    [
      ['config:publish@cursor/prod', 'config-publisher'],
      [
        ['cursor', 'prod'],
        ['cursor', 'dev'],
        ['zed', 'dev'],
        ['zed', 'prod'],
      ],
    ],
    [['config:read@cursor/prod'], []],
  ])('%j', (grants, expected) => {
    const holds = may(grants, 'config:publish');
    const all = ['cursor', 'zed'].flatMap((client) => ['prod', 'dev'].map((profile) => [client, profile] as const));
    expect(all.filter(([client, profile]) => holds(client, profile)).sort()).toEqual([...expected].sort());
  });

  test('all profiles are reached by a bound that names none', () => {
    expect(may(['config:policy@cursor/*'], 'config:policy')('cursor')).toBe(true);
    expect(may(['config:policy@cursor/prod'], 'config:policy')('cursor')).toBe(false);
  });

  test('a role keeps what it has besides, and nothing but configurations is bound', () => {
    const { scopes, limits } = expandGrants(['config-auditor@cursor/*']);
    expect(scopes).toEqual(new Set(['config:read', 'config:audit', 'system:read']));
    expect([...(limits?.keys() ?? [])].sort()).toEqual(['config:audit', 'config:read']);
    const odd = [
      'lake:read@cursor/*',
      'admin@*/*',
      'config:read@',
      'config:read@cursor',
      'config:read@Cursor/x',
      'config:read@a/b/c',
    ];
    expect(expandGrants(odd)).toEqual({ scopes: new Set(), unknown: odd });
  });

  test('a token that is narrowed holds for no more than both say', () => {
    const [own, only] = [expandGrants(['config:read@cursor/*']), expandGrants(['config:read@*/prod'])];
    const limits = [own.limits, only.limits].filter((one) => one !== undefined);
    const principal = { ...of('one', ['config:read']), limits };
    expect(holdsFor(principal, 'config:read', 'cursor', 'prod')).toBe(true);
    expect(holdsFor(principal, 'config:read', 'cursor', 'dev')).toBe(false);
    expect(holdsFor(principal, 'config:read', 'zed', 'prod')).toBe(false);
  });

  test('its events are seen as far as the bound reaches, and a job gets nothing that is bound', () => {
    const { scopes, limits } = expandGrants(['config:read@cursor/*', 'lake:read']);
    const principal = { ...of('one', []), scopes, ...(limits && { limits: [limits] }) };
    expect(canSee(principal, { toolset: 'config', subject: 'config:cursor/prod' })).toBe(true);
    expect(canSee(principal, { toolset: 'config', subject: 'config:zed/prod' })).toBe(false);
    expect(authorityOf(principal).scopes).toEqual(['lake:read']);
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
