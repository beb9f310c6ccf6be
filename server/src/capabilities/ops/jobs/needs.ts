import type { Db } from '../../../core/db/database.ts';
import type { Logger } from '../../../core/log.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { Secrets } from '../../../core/secrets.ts';
import type { Janitor } from '../containers/janitor.ts';
import type { Ends } from '../docker/ends.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import type { Images } from '../images/images.ts';
import type { Pool } from '../pool/pool.ts';

/** What running a container job needs. */
export interface RunNeeds {
  readonly db: Db;
  readonly log: Logger;
  readonly objects: ObjectStore;
  readonly secrets: Secrets;
  readonly engine: LocalEngine;
  readonly ends: Ends;
  readonly janitor: Janitor;
  readonly images: Images;
  readonly pool: Pick<Pool, 'wanted'>;
  /** Marks the containers of this installation. */
  readonly installation: () => Promise<string>;
}
