/** Serves the simulator until it is interrupted: `npm run orchestra:simulator -- [--port 7420] [--speed 60] [--key …]`. */
import { parseArgs } from 'node:util';
import { createClock } from './clock.ts';
import { startSimulator } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7420' },
    speed: { type: 'string', default: '1' },
    'delay-ms': { type: 'string', default: '0' },
    key: { type: 'string', default: 'simulator-key' },
  },
});

const simulator = await startSimulator({
  port: Number(values.port),
  delayMs: Number(values['delay-ms']),
  key: values.key,
  clock: createClock({ speed: Number(values.speed) }),
});
process.stdout.write(
  `A simulated Orchestra listens.\n  ORCHESTRA_API_BASE_URL=${simulator.url}\n  ORCHESTRA_API_KEY=${values.key}\n`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
