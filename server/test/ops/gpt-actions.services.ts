import { afterAll, beforeAll, expect, test } from 'vitest';
import { busybox, describeDocker } from '../support/docker.ts';
import { type GptAction, readActions } from '../support/gpt.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';

describeDocker('a GPT that knows the document alone', () => {
  let ops: OpsServer;
  let actions: Map<string, GptAction>;
  beforeAll(async () => {
    ops = await startOpsServer(undefined, ['--public-url', 'https://tutti.example.com', '--behind-tls']);
    const { secret } = await ops.token('my-gpt', ['ops:read', 'ops:write']);
    actions = await readActions(ops.url, 'ops', secret);
  });
  afterAll(() => ops?.stop());

  const call = async (name: string, input: object) => {
    const { status, body } = await (actions.get(name) as GptAction).call(input);
    expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
    return body;
  };

  test('runs a job, looks at its status, reads its logs and its artifact', async () => {
    const input_files = [{ path: 'in.txt', text: 'three\nshort\nlines\n' }];
    const ran = await call('orcaops_run_job', {
      image: busybox,
      commands: ['wc -l < in.txt | tee out/count.txt'].map((command) => `mkdir out; ${command}`),
      artifacts: ['out/**'],
      input_files,
      wait_s: 40,
    });
    expect(ran).toMatchObject({ status: 'success', artifacts: [{ name: 'out/count.txt', size_bytes: 2 }] });
    const { job_id } = ran;
    expect(await call('orcaops_get_job_status', { job_id })).toMatchObject({ status: 'success', image_ref: busybox });
    const { steps } = await call('orcaops_get_job_logs', { job_id });
    expect(steps).toMatchObject([{ exit_code: 0, stdout: '3\n', untrusted: true }]);
    const { artifacts } = await call('orcaops_list_artifacts', { job_id });
    const [{ name: filename }] = artifacts;
    expect(await call('orcaops_get_artifact', { job_id, filename })).toMatchObject({
      encoding: 'text',
      content: '3\n',
    });
    const { jobs } = await call('orcaops_list_jobs', {});
    expect(jobs).toMatchObject([{ job_id }]);
  });

  test('gets for the example of every action what the document says, or an error that says what to do', async () => {
    const { secret } = await ops.token('trying-gpt', ['ops:read', 'ops:write', 'ops:destroy', 'lake:read']);
    const outcomes = new Map<string, string>();
    for (const { name, example, call: act } of actions.values()) {
      const { status, body } = await act(example, secret);
      outcomes.set(name, body.success ? 'success' : body.error.code);
      expect([name, status < 500, body.error?.suggestion]).toEqual([
        name,
        true,
        body.success ? undefined : expect.stringMatching(/\S/),
      ]);
    }
    expect(outcomes.size).toBe(26);
    for (const name of [
      'list_jobs',
      'list_runs',
      'list_sandboxes',
      'list_templates',
      'list_containers',
      'system_info',
    ]) {
      expect([name, outcomes.get(`orcaops_${name}`)]).toEqual([name, 'success']);
    }
    expect(outcomes.get('orcaops_get_job_status')).toBe('JOB_NOT_FOUND');
  });

  test('gets of output that would be too long for it the beginning and the end', async () => {
    const noise = String.raw`printf begin; head -c 60000 /dev/zero | tr '\000' '\001'; printf end`;
    const { job_id, status } = await call('orcaops_run_job', { image: busybox, commands: [noise], wait_s: 40 });
    expect(status).toBe('success');
    const logs = await call('orcaops_get_job_logs', { job_id });
    expect(logs.cut).toMatchObject({ fields: [{ field: 'steps.0.stdout' }] });
    expect(logs.steps[0].stdout).toMatch(/^begin[\s\S]*characters left out[\s\S]*end$/);
  });
});
