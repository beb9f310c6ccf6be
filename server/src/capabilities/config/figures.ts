import type { Feed } from '../../core/events/feed.ts';
import type { Measure } from '../../core/telemetry/measure.ts';
import type { Metrics } from '../../core/telemetry/metrics.ts';
import { releasedEvent } from './releases/events.ts';

/** What this process counts of configurations. */
export interface Figures {
  /** Reads a configuration or a signed document for somebody: counted and timed. */
  fetched<T>(work: () => Promise<T>): Promise<T>;
  /** A draft was looked at, and found valid or not. */
  validated(valid: boolean): void;
  /** Begins to count the releases that this process hears of. */
  start(): void;
  measures(): Measure[];
}

export interface FiguresNeeds {
  readonly feed: Pick<Feed, 'given' | 'each'>;
  readonly metrics: Pick<Metrics, 'configFetch'>;
  /** Whether what is answered may be old, for the database is away. */
  readonly stale: () => boolean;
}

export function createFigures({ feed, metrics, stale }: FiguresNeeds): Figures {
  let fetches = 0;
  let changes = 0;
  const validations = { valid: 0, invalid: 0 };
  const count = (name: string, help: string, value: number): Measure => ({ name, help, value, counter: true });

  return {
    async fetched(work) {
      const started = performance.now();
      const found = await work();
      fetches += 1;
      metrics.configFetch((performance.now() - started) / 1000);
      return found;
    },
    validated(valid) {
      validations[valid ? 'valid' : 'invalid'] += 1;
    },
    start() {
      feed.each(({ type }) => {
        if (type === releasedEvent) changes += 1;
      });
    },
    measures: () => [
      count('tutti_config_fetches_total', 'Configurations and signed documents that were fetched.', fetches),
      count('tutti_config_changes_total', 'Releases that this process heard of.', changes),
      count(
        'tutti_config_changes_delivered_total',
        'Releases that it told subscribers and pollers, each of them counted: over the releases, the fan-out.',
        feed.given(releasedEvent),
      ),
      {
        name: 'tutti_config_stale',
        help: 'Whether configurations may be old, for the database is away.',
        value: stale() ? 1 : 0,
        counter: false,
      },
      ...(['valid', 'invalid'] as const).map((outcome) => ({
        ...count('tutti_config_validations_total', 'Drafts that were looked at, by outcome.', validations[outcome]),
        labels: { outcome },
      })),
    ],
  };
}
