// The `tutti` command as it is, in a process that ends with the benchmark's, however that comes.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
await import(new URL('../../client/bin/tutti.js', import.meta.url).href);
