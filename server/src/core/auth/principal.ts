import { type Toolset, toolsets } from '../tool.ts';
import type { Connection } from './connection.ts';

/** Who calls. Principals, not tokens, are compared: two tokens of one principal are the same caller. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  /** Sees what others own. */
  readonly admin: boolean;
  readonly scopes: ReadonlySet<string>;
  /** Within which clients and profiles some of the scopes hold; one that none of them names holds everywhere. */
  readonly limits?: readonly Limits[];
  /** The token of ours that it called with, or that started the job that calls; none for the token of an issuer. */
  readonly tokenId?: string;
  /** Present while the caller is a process that stays connected, such as `tutti mcp`; a job has none. */
  readonly connection?: Connection;
  /** When its token ends. */
  readonly expiresAt?: Date;
  /** Known from before only, for the database is away: it may do what needs none, and nothing else. */
  readonly remembered?: true;
}

/** By scope the `client/profile` patterns that it holds for; `*` stands for any. All limits of a principal count. */
export type Limits = ReadonlyMap<string, readonly string[]>;

/** Something that a principal may or may not see. `owner` absent: everyone with the toolset's read scope sees it. */
export interface Subject {
  readonly toolset: string;
  readonly owner?: string;
  /** What it is, such as `config:cursor/prod`, where a scope may hold for some of its kind only. */
  readonly subject?: string;
}

const effects = ['read', 'write', 'destroy'] as const;
const all = (wanted: readonly string[]) =>
  toolsets.flatMap((toolset) => wanted.map((effect) => `${toolset}:${effect}`));

/** Roles are bundles of scopes. `config:approve` is in none but its own: whoever approves is named on purpose. */
const roles: Readonly<Record<string, readonly string[]>> = {
  admin: [...all(effects), 'config:publish', 'config:audit', 'config:policy'],
  writer: all(['read', 'write']),
  reader: all(['read']),
  // Whoever sets policy and publishes as well would need nobody's approval.
  'config-owner': ['config:read', 'config:policy', 'config:audit'],
  'config-publisher': ['config:read', 'config:publish'],
  'config-approver': ['config:read', 'config:approve'],
  'config-security': ['config:read', 'config:policy'],
  'config-auditor': ['config:read', 'config:audit', 'system:read'],
  'config-client': ['config:read', 'config:write'],
};

const single = new Set([...all(effects), 'config:publish', 'config:approve', 'config:audit', 'config:policy']);

/** What grants stand for. */
interface Granted {
  readonly scopes: Set<string>;
  /** Grants that are none. */
  readonly unknown: string[];
  /** Absent where nothing is limited. */
  readonly limits?: Limits;
}

/**
 * The scopes that grants stand for. A grant is a role or a scope. One of configurations may be bound to a client family and a
 * profile: `config-publisher@cursor/*`, `config:read@zed/prod`. What is granted without a bound as well is not limited.
 */
export function expandGrants(grants: readonly string[]): Granted {
  const scopes = new Set<string>();
  const everywhere = new Set<string>();
  const limits = new Map<string, string[]>();
  const unknown: string[] = [];
  for (const grant of grants) {
    const [, plain = grant, pattern] = bound.exec(grant) ?? [];
    const role = Object.hasOwn(roles, plain) ? roles[plain] : undefined;
    const bundle = role ?? (single.has(plain) ? [plain] : undefined);
    if (!bundle || (pattern !== undefined && !plain.startsWith('config'))) unknown.push(grant);
    else {
      for (const scope of bundle) {
        scopes.add(scope);
        if (pattern === undefined || !scope.startsWith('config:')) everywhere.add(scope);
        else limits.set(scope, [...(limits.get(scope) ?? []), pattern]);
      }
    }
  }
  for (const scope of everywhere) limits.delete(scope);
  return { scopes, unknown, ...(limits.size > 0 && { limits }) };
}

const name = '[a-z0-9][a-z0-9_-]{0,62}';
const bound = new RegExp(`^(.+)@((?:${name}|\\*)/(?:${name}|\\*))$`);

/** Whether a scope of a principal holds for a client family and profile; without a profile, for all of its profiles. */
export function holdsFor(principal: Principal, scope: string, client: string, profile?: string): boolean {
  if (!principal.scopes.has(scope)) return false;
  return (principal.limits ?? []).every((limits) => {
    const patterns = limits.get(scope);
    return !patterns || patterns.some((pattern) => fits(pattern, client, profile));
  });
}

/** Whether a scope of a principal holds everywhere. */
export function isUnlimited(principal: Principal, scope: string): boolean {
  return principal.scopes.has(scope) && !principal.limits?.some((limits) => limits.has(scope));
}

function fits(pattern: string, client: string, profile: string | undefined): boolean {
  const [wantedClient, wantedProfile] = pattern.split('/');
  return (wantedClient === '*' || wantedClient === client) && (wantedProfile === '*' || wantedProfile === profile);
}

/** The one rule of visibility. It guards tools, resources and lists alike. */
export function canSee(principal: Principal, subject: Subject): boolean {
  if (!principal.scopes.has(`${subject.toolset}:read`)) return false;
  if (subject.toolset === 'config' && subject.subject?.startsWith('config:')) {
    const [client = '', profile] = subject.subject.slice('config:'.length).split('/');
    if (!holdsFor(principal, 'config:read', client, profile)) return false;
  }
  return subject.owner === undefined || subject.owner === principal.id || principal.admin;
}

/** The toolsets whose things a principal may read: what a list filters by before it pages. */
export function readableToolsets(principal: Principal): Toolset[] {
  return toolsets.filter((toolset) => principal.scopes.has(`${toolset}:read`));
}
