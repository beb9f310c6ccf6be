import { spawn } from 'node:child_process';

/** Starts `tutti serve`, waits until it is ready, hands its URL to a check, and stops it in order. */
export async function serveOnce(tutti, args, options, check = async () => undefined) {
  const server = spawn(tutti, ['serve', '--port', '0', ...args], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  let output = '';
  const url = await new Promise((resolve, reject) => {
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /MCP +(\S+)\/mcp/.exec(output);
      if (found) resolve(found[1]);
    });
    void ended.then((code) => reject(new Error(`tutti serve ended with ${code}`)));
  });
  await expectAnswer(`${url}/readyz`);
  await check(url);
  server.kill('SIGTERM');
  const code = await ended;
  if (code !== 0) throw new Error(`tutti serve ended with ${code} after SIGTERM`);
}

export async function expectAnswer(url, request = {}) {
  const { status } = await fetch(url, request);
  if (status !== 200) throw new Error(`${url} answered ${status}`);
}
