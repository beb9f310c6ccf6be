import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { nowhere } from '../../test/support/docker-host.ts';
import { playedSteps, startTour } from '../../test/support/tour-process.ts';
import { type Act, expectEqual } from './act.ts';
import { tour } from './tour.ts';

let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'tutti-tour-test-'));
});
afterAll(() => rm(temporary, { recursive: true, force: true }));

const start = (...args: string[]) => startTour(temporary, ...args);

test('the acts bring real data to a search hit, through a correction, a bad version and back, and leave nothing', async () => {
  const { ended, output } = start('--act', '2');
  expect(await ended, output()).toBe(0);
  expect(output()).not.toContain('✗');
  const [, one = '', two = ''] = output().split(/^Act \d: /m);
  expect(playedSteps(one)).toHaveLength(11);
  expect(one).toContain('finds The Godfather by Francis Ford Coppola');
  expect(playedSteps(two)).toEqual([
    ...['list_datasets', 'create_presigned_upload', 'PUT', 'commit_dataset_version', 'diff_versions', 'start_ingest'],
    ...['search_dataset', 'infer_contract', 'set_contract', 'validate', 'set_policy', 'create_presigned_upload', 'PUT'],
    ...['commit_dataset_version', 'get_dataset', 'get_validation_report', 'search_dataset', 'rollback_dataset'],
    ...['search_dataset', 'get_lineage'],
  ]);
  expect(two).toContain('22 dates a century off corrected, 2 films out, 1 in');
  expect(two).toContain('115 rows in, 116 out; 3085 in 4 objects left alone');
  expect(two.match(/v\d answers: .*/g)).toEqual([
    'v2 answers: Gone with the Wind, Dec 15 1939',
    'v2 answers: Gone with the Wind, Dec 15 1939',
    'v1 answers: Gone with the Wind, Dec 15 2039',
  ]);
  expect(await readdir(temporary)).toEqual([]);
});

test('without a Docker engine the act with containers says how to get one, and passes', async () => {
  const { ended, output } = start('--act', '3', '--docker-host', nowhere);
  expect(await ended, output()).toBe(0);
  const [, one = '', three = ''] = output().split(/^Act \d: /m);
  expect(playedSteps(one)).toHaveLength(11);
  expect(playedSteps(three)).toEqual(['orcaops_system_info']);
  expect(three).toMatch(/no Docker engine, so nothing to play here\. Install.*--docker-host/);
  expect(output()).toContain('All of it worked');
});

test('a failed run of Orchestra is diagnosed, retried and watched to success, against the simulator over HTTP', async () => {
  const { ended, output } = start('--act', '5');
  expect(await ended, output()).toBe(0);
  const [, five = ''] = output().split(/^Act \d: /m);
  expect(playedSteps(five)).toEqual([
    ...['list_pipeline_runs', 'diagnose_pipeline_run', 'get_task_run_logs'],
    ...['retry_pipeline_run', 'watch_pipeline_run', 'list_task_runs'],
  ]);
  expect(five).toMatch(/QUERY in rpt_sales_journal_analysis, task dbt build; 1 task skipped for it/);
  expect(five).toContain('SUCCEEDED after 520 s of its time');
  expect(await readdir(temporary)).toEqual([]);
});

test('a configuration is published by two people to half of the clients, verified, reverted, and read without a server', async () => {
  const { ended, output } = start('--act', '6');
  expect(await ended, output()).toBe(0);
  const [, six = ''] = output().split(/^Act \d: /m);
  expect(playedSteps(six)).toEqual([
    ...['put_catalog_server', 'put_config_policy_set', 'put_config_profile', 'tutti', 'publish_config'],
    ...['publish_config', 'get_config', 'openssl', 'tamper', 'revert_config', 'tutti', 'stop', 'tutti'],
  ]);
  expect(six).toContain('each without delete_ticket, approved by tour-approver');
  expect(six).toMatch(/of 40 clients [1-9]\d? got 1\.0\.1, [1-9]\d? kept 1\.0\.0/);
  expect(six).toContain('1.0.0 again for all, as statement 3 after 2');
  expect(six).toContain('codex/prod 1.0.0, statement 3: genuine, current, and meant for it');
  expect(await readdir(temporary)).toEqual([]);
});

test('an interrupted tour stops its server and removes its data', async () => {
  const { child, ended, output } = start('--act', '1');
  await new Promise<void>((resolve) => {
    child.stdout.on('data', () => output().includes('register_dataset') && resolve());
  });
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(await readdir(temporary)).toEqual([]);
});

test('a wrong answer ends the tour with 1; an act is played after the one that it goes on from, and no other', async () => {
  const played: string[] = [];
  const act = (title: string, count: number, after?: Act): Act => ({
    title,
    ...(after && { after }),
    run: async ({ mcp, narrator }) => {
      played.push(title);
      await narrator.step('list_datasets', async () => {
        const { items } = await mcp.call('list_datasets', {});
        expectEqual('the datasets', items.length, count);
        return [undefined, 'as many as expected'];
      });
    },
  });
  const [first, other] = [act('first', 0), act('other', 0)];
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await tour(['--act', '3'], [first, other, act('wrong', 7, first), act('never', 0)])).toBe(1);
  const output = said.mock.calls.join('');
  said.mockRestore();
  expect(played).toEqual(['first', 'wrong']);
  expect(output).toMatch(
    /Act 1: first\n[\s\S]*✓ list_datasets[\s\S]*Act 3: wrong\n[\s\S]*✗ list_datasets +the datasets\n/,
  );
  expect(output).toContain('expected 7');
});

test('an unknown act is refused', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await tour(['--act', '99'])).toBe(2);
  expect(await tour(['--scene'])).toBe(2);
  expect(said.mock.calls.join()).toMatch(/There is no act 99[\s\S]*--scene/);
  said.mockRestore();
});

test('a result that is not what it must be is told with what was expected', () => {
  expect(() => expectEqual('the rows', 3, 4)).toThrow('the rows\nexpected 4\ngot      3');
});
