import { type Toolset, toolsets } from '../tool.ts';
import type { Connection } from './connection.ts';

/** Who calls. Principals, not tokens, are compared: two tokens of one principal are the same caller. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  /** Sees what others own. */
  readonly admin: boolean;
  readonly scopes: ReadonlySet<string>;
  /** The token of ours that it called with, or that started the job that calls; none for the token of an issuer. */
  readonly tokenId?: string;
  /** Present while the caller is a process that stays connected, such as `tutti mcp`; a job has none. */
  readonly connection?: Connection;
}

/** Something that a principal may or may not see. `owner` absent: everyone with the toolset's read scope sees it. */
export interface Subject {
  readonly toolset: string;
  readonly owner?: string;
}

const effects = ['read', 'write', 'destroy'] as const;
const all = (wanted: readonly string[]) =>
  toolsets.flatMap((toolset) => wanted.map((effect) => `${toolset}:${effect}`));

/** Roles are bundles of scopes. `config:approve` is in none of them: it is granted by itself. */
const roles: Readonly<Record<string, readonly string[]>> = {
  admin: [...all(effects), 'config:publish', 'config:audit', 'config:policy'],
  writer: all(['read', 'write']),
  reader: all(['read']),
};

const single = new Set([...all(effects), 'config:publish', 'config:approve', 'config:audit', 'config:policy']);

/** The scopes that grants stand for. A grant is a role or a scope; an unknown one is answered in `unknown`. */
export function expandGrants(grants: readonly string[]): { scopes: Set<string>; unknown: string[] } {
  const scopes = new Set<string>();
  const unknown: string[] = [];
  for (const grant of grants) {
    const role = Object.hasOwn(roles, grant) ? roles[grant] : undefined;
    const bundle = role ?? (single.has(grant) ? [grant] : undefined);
    if (bundle) for (const scope of bundle) scopes.add(scope);
    else unknown.push(grant);
  }
  return { scopes, unknown };
}

/** The one rule of visibility. It guards tools, resources and lists alike. */
export function canSee(principal: Principal, subject: Subject): boolean {
  if (!principal.scopes.has(`${subject.toolset}:read`)) return false;
  return subject.owner === undefined || subject.owner === principal.id || principal.admin;
}

/** The toolsets whose things a principal may read: what a list filters by before it pages. */
export function readableToolsets(principal: Principal): Toolset[] {
  return toolsets.filter((toolset) => principal.scopes.has(`${toolset}:read`));
}
