import type { PipelinePlan } from '../model.ts';
import { endings, oddities, shapes } from './cases.ts';
import { causes } from './causes.ts';
import { salesJournal } from './seed-run.ts';

/** Starts after `nightly_orders`, and so suffers when that fails. */
const downstream: PipelinePlan = {
  name: 'Orders report',
  alias: 'orders_report',
  startsAfter: 'nightly_orders',
  tasks: [{ id: 'report', integration: 'HTTP', job: 'HTTP_REQUEST' }],
  runs: [],
};

/** A pipeline with more runs than two pages hold: one each half hour. */
const busy: PipelinePlan = {
  name: 'Every half hour',
  alias: 'every_half_hour',
  tasks: [{ id: 'ping', integration: 'HTTP', job: 'HTTP_REQUEST', takesS: 5 }],
  runs: Array.from({ length: 250 }, (_, at) => ({ at: 900 + at * 1800 })),
};

/** All that the simulated account has. */
export const account: readonly PipelinePlan[] = [
  salesJournal,
  ...endings,
  ...shapes,
  ...oddities,
  ...causes,
  downstream,
  busy,
];
