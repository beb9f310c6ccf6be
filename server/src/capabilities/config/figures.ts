import type { Measure } from '../../core/telemetry/measure.ts';

/** What this process counts of configurations. */
export interface Figures {
  fetched(): void;
  /** A draft was looked at, and found valid or not. */
  validated(valid: boolean): void;
  measures(): Measure[];
}

export function createFigures(): Figures {
  let fetches = 0;
  const validations = { valid: 0, invalid: 0 };
  return {
    fetched() {
      fetches += 1;
    },
    validated(valid) {
      validations[valid ? 'valid' : 'invalid'] += 1;
    },
    measures: () => [
      {
        name: 'tutti_config_fetches_total',
        help: 'Configurations that were fetched.',
        value: fetches,
        counter: true,
      },
      ...(['valid', 'invalid'] as const).map((outcome) => ({
        name: 'tutti_config_validations_total',
        help: 'Drafts that were looked at, by outcome.',
        value: validations[outcome],
        labels: { outcome },
        counter: true,
      })),
    ],
  };
}
