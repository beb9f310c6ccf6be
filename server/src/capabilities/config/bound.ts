import { holdsFor, isUnlimited, type Principal } from '../../core/auth/principal.ts';
import { AppError } from '../../core/errors.ts';

/** Something of one client family and profile. */
export interface Of {
  readonly client_id: string;
  /** Left out: all of its profiles. */
  readonly profile?: string;
}

/** FORBIDDEN where a principal's scope is bound to other client families or profiles. */
export function requireFor(principal: Principal, scope: string, { client_id, profile }: Of): void {
  if (!holdsFor(principal, scope, client_id, profile)) throw boundElsewhere(`${scope}@${client_id}/${profile ?? '*'}`);
}

const duties = ['config:publish', 'config:approve', 'config:policy', 'config:audit'];

/** FORBIDDEN for those who only read what was released: drafts are not for clients. */
export function requireDuty({ scopes }: Principal): void {
  if (duties.some((scope) => scopes.has(scope))) return;
  throw new AppError(
    'FORBIDDEN',
    'Drafts are for those who publish, approve, audit or set policy.',
    'Read what was released with get_config, or ask the operator for a token with config:publish or config:approve.',
    { required_scope: 'config:publish' },
  );
}

/** FORBIDDEN where a scope is bound at all, for what concerns everybody. */
export function requireEverywhere(principal: Principal, scope: string): void {
  if (!isUnlimited(principal, scope)) throw boundElsewhere(scope);
}

/** Whether a principal's scope holds for something: what a list shows. */
export const reaches =
  (principal: Principal, scope: string) =>
  ({ client_id, profile }: Of): boolean =>
    holdsFor(principal, scope, client_id, profile);

/**
 * What lists ask the database for, so that pages are full: `client/profile` patterns (`*` for any), of each inner list one must
 * fit; none for a scope that holds everywhere.
 */
export type Bounds = readonly (readonly string[])[];

export const boundsOf = ({ limits = [] }: Principal, scope: string): Bounds =>
  limits.flatMap((patterns) => {
    const one = patterns.get(scope);
    return one ? [one] : [];
  });

function boundElsewhere(scope: string): AppError {
  return new AppError(
    'FORBIDDEN',
    `This token is bound to other client families or profiles, and lacks ${scope}.`,
    `Ask the operator for a token with it: tutti token create <name> --grant ${scope}`,
    { required_scope: scope },
  );
}
