import { afterAll, beforeAll, expect, test } from 'vitest';
import { busybox, describeDocker } from '../support/docker.ts';
import { lakeOf } from '../support/lake.ts';
import { connectors } from '../support/mcp-clients.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';
import { openSse } from '../support/sse.ts';

describeDocker('container jobs through the surface', () => {
  let ops: OpsServer;
  beforeAll(async () => {
    ops = await startOpsServer();
  });
  afterAll(() => ops?.stop());

  test('a job answers its steps, and its container is gone afterwards', async () => {
    const run = await ops.run(['echo out; echo err >&2', 'pwd; id -u'], {
      job_id: 'first',
      intent: 'a test',
      tags: ['t'],
    });
    expect(run).toMatchObject({
      success: true,
      job_id: 'first',
      status: 'success',
      image_ref: busybox,
      intent: 'a test',
      tags: ['t'],
      triggered_by: 'mcp',
      environment: { engine: 'local', network: 'none', resource_limits: { memory_mb: 256, timeout_seconds: 300 } },
    });
    expect(run.steps).toMatchObject([
      { command: 'echo out; echo err >&2', exit_code: 0, stdout: 'out\n', stderr: 'err\n', untrusted: true },
      { exit_code: 0, stdout: expect.stringMatching(/^\/work\n[1-5]\d{4}\n$/), stderr: '' },
    ]);
    expect(run.environment.image_digest).toMatch(/sha256:/);
    expect(run.resource_usage).toEqual({
      cpu_seconds: expect.toSatisfy((seconds) => seconds > 0),
      memory_peak_mb: expect.toSatisfy((mib) => mib > 0),
      network_rx_bytes: 0,
      network_tx_bytes: 0,
      disk_read_bytes: expect.any(Number),
      disk_write_bytes: expect.any(Number),
    });
    const lookFor = ['nc -w 1 "$(hostname -i | sed "s/[0-9]*$/1/")" 9; true'];
    const connected = await ops.run(lookFor, { network: 'internal' });
    expect(connected.resource_usage.network_tx_bytes).toBeGreaterThan(0);
    await expect.poll(() => ops.containers(), { timeout: 30_000 }).toEqual([]);
    expect(await ops.ok('orcaops_get_job_status', { job_id: 'first' })).toMatchObject({ cleanup_status: 'destroyed' });
    expect(await ops.ok('job_status', { job_id: run.system_job_id })).toMatchObject({
      kind: 'ops.container',
      state: 'succeeded',
      metadata: { job_id: 'first', image: busybox },
    });
  });

  test('a command that fails ends the job as failed, with the engine’s exit code', async () => {
    const run = await ops.run(['true', 'echo no >&2; exit 7', 'echo never']);
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'COMMAND_FAILED', details: { step: 2, exit_code: 7 } },
    });
    expect(run.steps.map((step: { exit_code: number }) => step.exit_code)).toEqual([0, 7]);
    const logs = await ops.ok('orcaops_get_job_logs', { job_id: run.job_id });
    expect(logs).toMatchObject({ status: 'failed', steps: run.steps });
  });

  test('what it left is listed, read whole and piece by piece, and downloaded', async () => {
    const text = `${'ä'.repeat(60)}\n`;
    const run = await ops.run(
      ['mkdir out; printf %s "$TEXT" > out/a.txt; head -c 100 /dev/urandom > b.bin; ln -s /etc/passwd link; : > empty'],
      { artifacts: ['out', '/work/b.bin', 'link', 'nothing/*', 'empty'], env: { TEXT: text } },
    );
    expect(run.status).toBe('success');
    expect(run.artifact_problems).toEqual([
      { name: 'link', reason: 'symlink' },
      { name: 'nothing/*', reason: 'unmatched' },
    ]);
    const { job_id } = run;
    const { artifacts, count } = await ops.ok('orcaops_list_artifacts', { job_id });
    expect(artifacts.map(({ name }: { name: string }) => name)).toEqual(['b.bin', 'empty', 'out/a.txt']);
    expect(count).toBe(3);
    expect(artifacts).toEqual(run.artifacts);
    const first = await ops.ok('orcaops_list_artifacts', { job_id, limit: 2 });
    const second = await ops.ok('orcaops_list_artifacts', { job_id, limit: 2, page: first.next_page });
    expect([...first.artifacts, ...second.artifacts]).toEqual(artifacts);

    const read = (filename: string, more = {}) => ops.ok('orcaops_get_artifact', { job_id, filename, ...more });
    expect(await read('out/a.txt')).toMatchObject({
      encoding: 'text',
      content: text,
      size_bytes: 121,
      untrusted: true,
    });
    const binary = await read('b.bin');
    expect(binary).toMatchObject({ encoding: 'base64', size_bytes: 100 });
    expect(Buffer.from(binary.content, 'base64')).toHaveLength(100);
    expect(await read('empty')).toMatchObject({ encoding: 'text', content: '', size_bytes: 0 });
    let pieces = '';
    for (let offset = 0; ; ) {
      const piece = await read('out/a.txt', { offset, max_bytes: 17 });
      expect(piece.encoding).toBe('text');
      pieces += piece.content;
      if (piece.next_offset === undefined) break;
      offset = piece.next_offset;
    }
    expect(pieces).toBe(text);
    const download = await fetch(binary.download_url);
    expect(Buffer.from(await download.arrayBuffer()).toString('base64')).toBe(binary.content);
    expect(await ops.fails('orcaops_get_artifact', { job_id, filename: 'link' })).toMatchObject({
      code: 'ARTIFACT_NOT_FOUND',
    });
    for (const filename of ['../run.json', '/etc/passwd', 'out/../b.bin']) {
      expect(await ops.fails('orcaops_get_artifact', { job_id, filename })).toMatchObject({ code: 'INVALID_PATH' });
    }
  });

  test('files come in, inline and from a dataset', async () => {
    const lake = lakeOf(ops);
    const dataset_id = await lake.dataset('inputs');
    await lake.upload(dataset_id, 'raw/rows.csv', 'a,b\n1,2\n3,4\n');
    await lake.commit(dataset_id, 'v1');
    await lake.upload(dataset_id, 'raw/rows.csv', 'changed since\n');
    const run = await ops.run(['./tool.sh data/rows.csv', 'od -An -tx1 bin'], {
      input_files: [
        { path: 'data/rows.csv', dataset_id, object_key: 'raw/rows.csv' },
        { path: 'tool.sh', text: '#!/bin/sh\nwc -l < "$1"\n', executable: true },
        { path: 'bin', base64: Buffer.from([0, 255]).toString('base64') },
      ],
    });
    expect(run.steps.map((step: { stdout: string }) => step.stdout.trim())).toEqual(['3', '00 ff']);
    const missing = { path: 'x', dataset_id, object_key: 'raw/none.csv' };
    expect(
      await ops.fails('orcaops_run_job', { image: busybox, commands: ['true'], input_files: [missing] }),
    ).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('output comes as it is written: in events, in the logs of a job that runs, and as progress', async () => {
    const stream = await openSse(`${ops.url}/events?kinds=ops.log`, ops.admin);
    const { client } = await (connectors['v2 client, negotiating'] as NonNullable<(typeof connectors)[string]>)(
      `${ops.url}/mcp/ops`,
      ops.admin,
    );
    const progress: unknown[] = [];
    const call = client.callTool(
      {
        name: 'orcaops_run_job',
        arguments: {
          image: busybox,
          job_id: 'live',
          commands: ['echo one; until [ -e go ]; do sleep 0.1; done; echo two'],
          timeout: 30,
          wait_s: 3,
        },
      },
      { onprogress: (one) => progress.push(one) },
    );
    await stream.until(1);
    const [event] = stream.events;
    expect(event?.data).toMatchObject({
      type: 'ops.log',
      data: { job_id: 'live', untrusted: true, chunks: [{ step: 0, stream: 'stdout', text: 'one\n' }] },
    });
    const logs = await ops.ok('orcaops_get_job_logs', { job_id: 'live' });
    expect(logs).toMatchObject({
      status: 'running',
      steps: [{ exit_code: null, stdout: 'one\n', duration_seconds: null }],
    });
    const { structuredContent } = await call;
    expect(structuredContent).toMatchObject({ job_id: 'live', status: 'running' });
    expect(progress.length).toBeGreaterThan(0);
    stream.cut();
    await ops.ok('orcaops_cancel_job', { job_id: 'live' });
    expect(await ops.ended('live')).toMatchObject({
      status: 'cancelled',
      steps: [{ exit_code: null, stdout: 'one\n' }],
    });
    await client.close();
  });

  test('long output keeps head and tail and says how much is cut, and its pages are whole', async () => {
    const run = await ops.run(['i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done', 'echo short']);
    expect(run.status).toBe('success');
    expect(run.steps[0].stdout).toMatch(/^line 0\n.*bytes left out.*line 19999\n$/s);
    expect(run.steps[0].stdout_cut_bytes).toBeGreaterThan(100_000);
    expect(JSON.stringify(run).length).toBeLessThan(60_000);
    const logs = await ops.ok('orcaops_get_job_logs', { job_id: run.job_id });
    expect(logs.steps[0].stdout.length).toBeGreaterThan(60_000);
    expect(logs.steps[0].stdout_cut_bytes).toBeLessThan(run.steps[0].stdout_cut_bytes);
    expect(logs.steps[1].stdout).toBe('short\n');
  });

  test('a repeated call with its key runs once; a job_id is unique', async () => {
    const call = { image: busybox, commands: ['date +%s%N'], job_id: 'once', idempotency_key: 'k1' };
    const first = await ops.ok('orcaops_run_job', call);
    expect(await ops.ok('orcaops_run_job', call)).toEqual({ ...first, cleanup_status: expect.any(String) });
    const { idempotency_key: _, ...again } = call;
    expect(await ops.fails('orcaops_run_job', again)).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
  });

  test('a run is compared with earlier ones of the same work', async () => {
    const work = ['echo the same work', 'test ! -e broken'];
    for (let n = 0; n < 3; n += 1) expect((await ops.run(work, { job_id: `same-${n}` })).status).toBe('success');
    const failing = await ops.run(work, { job_id: 'same-3', input_files: [{ path: 'broken', text: '' }] });
    expect(failing.status).toBe('failed');
    const run = await ops.ok('orcaops_get_run', { job_id: 'same-3' });
    expect(run.comparison).toMatchObject({
      runs: 3,
      succeeded: 3,
      previous_job_id: 'same-2',
      previous_status: 'success',
    });
    expect(run.anomalies.map(({ kind }: { kind: string }) => kind)).toContain('new_failure');
    expect((await ops.ok('orcaops_get_run', { job_id: 'same-0' })).comparison.runs).toBe(0);
    const told = await ops.run(['echo "error: with $API_TOKEN" >&2; exit 1'], {
      env: { API_TOKEN: 'a-token-of-the-test' },
    });
    expect((await ops.ok('orcaops_get_run', { job_id: told.job_id })).log_analysis).toMatchObject({
      error_count: 1,
      first_error: 'error: with [redacted]',
    });
  });

  test('the engine is told', async () => {
    const info = await ops.ok('orcaops_system_info');
    expect(info).toMatchObject({ platform: 'linux', engines: [{ name: 'local', reachable: true, capacity: 8 }] });
    expect(info.docker.version).toBe(info.engines[0].version);
    expect(info.docker.cpus).toBeGreaterThan(0);
  });
});
