import { type Logger, pino } from 'pino';
import { redact } from './redact.ts';
import { traceIds } from './telemetry/trace.ts';

export type { Logger };

/** The server's log: one JSON object a line on stderr, so that stdout stays free for what a command prints. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      serializers: { error: pino.stdSerializers.err },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: redact },
      mixin: traceIds,
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
