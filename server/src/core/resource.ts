import type { Principal } from './auth/principal.ts';
import type { Db } from './db/database.ts';

/** A kind of thing that can be read by its URI, `<kind>://<id>`, and over HTTP at `/resources/<kind>/<id>`. */
export interface ResourceKind {
  /** The URI's scheme. */
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /** Answers JSON, or throws NOT_FOUND for what is not there or may not be seen. */
  read(id: string, principal: Principal, db: Db): Promise<Record<string, unknown>>;
}
