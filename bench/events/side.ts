/** Where the streams of one side are. */
export interface Streams {
  readonly port: number;
  readonly path: string;
  readonly token: string;
}

/** The type of the events that are measured. */
export const eventType = 'bench.event';
/** About the size of a job as an event shows it. */
export const eventData = { note: 'x'.repeat(600) };

/** Nanoseconds of a clock that all processes of the machine share, as text: messages have no bigint. */
export const now = () => String(process.hrtime.bigint());
