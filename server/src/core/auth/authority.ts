import type { Toolset } from '../tool.ts';
import { isUnlimited, type Principal } from './principal.ts';

/** With what a job acts: never more than its starter could do, nor than its principal may do now. */
export interface Authority {
  readonly principalId: string;
  /** The scopes of the call that started it. */
  readonly scopes: readonly string[];
  /** Whether the call saw what others own. */
  readonly admin: boolean;
  /** The token that the call came with; once it is revoked, the job may do nothing more. */
  readonly tokenId?: string;
}

/** What a connection was narrowed to besides its token. */
export interface Narrowing {
  readonly toolsets: readonly Toolset[] | undefined;
  readonly readOnly: boolean;
}

/** What a job may do that this caller starts: what the caller could do itself. */
export function authorityOf(principal: Principal, narrowing?: Narrowing): Authority {
  const scopes = [...principal.scopes]
    // A job keeps no bounds of its token, so it gets nothing that is bound.
    .filter((scope) => isUnlimited(principal, scope))
    .filter((scope) => narrowing === undefined || isWithin(scope, narrowing))
    .sort();
  return {
    principalId: principal.id,
    scopes,
    admin: principal.admin && scopes.length === principal.scopes.size,
    ...(principal.tokenId !== undefined && { tokenId: principal.tokenId }),
  };
}

/** The server's own housekeeping: it passes no authorisation. */
export const noAuthority: Authority = { principalId: 'system', scopes: [], admin: false };

function isWithin(scope: string, { toolsets, readOnly }: Narrowing): boolean {
  const [toolset, effect] = scope.split(':');
  if (readOnly && effect !== 'read') return false;
  return toolset === 'system' || toolsets === undefined || toolsets.some((one) => one === toolset);
}
