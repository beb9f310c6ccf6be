// One process with a whole server and the slice of the tests of traces; it tells its parent where it is and what it loaded.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { createLog } from '../../src/core/log.ts';
import { readSettings } from '../../src/core/settings.ts';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
// Only what is loaded after the hooks is known.
const { startServer } = await import('../../src/main.ts');
const { tracedSlice } = await import('./traced-slice.ts');

const settings = readSettings(process.argv.slice(2));
const server = await startServer(settings, createLog(settings.log_level), {
  extendSlices: tracedSlice,
  strictOutputs: true,
});
process.on('message', (message) => {
  if (message === 'loaded') process.send?.({ loaded });
  if (message === 'stop') void server.stop().then(() => process.disconnect());
});
process.on('disconnect', () => process.exit());
process.send?.({ url: server.url, token: readFileSync(server.tokenFile, 'utf8').trim() });
