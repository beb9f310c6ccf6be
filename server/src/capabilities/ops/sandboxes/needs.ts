import type { Db } from '../../../core/db/database.ts';
import type { Feed } from '../../../core/events/feed.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { Logger } from '../../../core/log.ts';
import type { Cursors } from '../../../core/page.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import type { Images } from '../images/images.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import type { SandboxPlace } from './directory.ts';

/** What sandboxes need of their surroundings. */
export interface SandboxNeeds {
  readonly db: Db;
  readonly log: Logger;
  readonly jobs: JobEngine;
  readonly feed: Feed;
  readonly cursors: Cursors;
  readonly engine: LocalEngine;
  readonly installation: () => Promise<string>;
  readonly images: Images;
  readonly place: SandboxPlace;
  readonly ceilings: Ceilings;
  readonly templatesDir: string | undefined;
  /** Seconds without use after which one is stopped. */
  readonly idleS: number;
  /** What all sandboxes of the engine may hold together, in MiB. */
  readonly diskMb: number;
}
