import { z } from 'zod';
import { count } from './setting-types.ts';

/** The settings of the capability `config`. */
export const configSettings = {
  'config.tenant': z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'must be a short name such as default or acme')
    .default('default')
    .describe('Stands in every signed release statement, so that none is taken for that of another Tutti.'),
  'config.statement_days': count(1, 366)
    .default(30)
    .describe('Days for which a release statement holds; statements are renewed when half of them are over.'),
  'config.keep_report_days': count(1, 3650)
    .default(90)
    .describe('Days after which a report of a client about its configuration is removed.'),
  'config.keep_draft_days': count(1, 3650)
    .default(180)
    .describe('Days after which a draft that nobody released is removed: rejected, or still open.'),
  'config.memory_mb': count(1, 65_536)
    .default(64)
    .describe('Memory for the configurations that are read most, in MiB; others are read from the database each time.'),
  'config.inventory_floor': count(1, 1000)
    .default(5)
    .describe('The smallest count of clients that get_config_inventory tells; below it, only that there are some.'),
};
