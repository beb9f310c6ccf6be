import { test } from 'vitest';
import { startOpsServer } from '../support/ops.ts';
test('try', async () => {
  const ops = await startOpsServer(undefined, ['--ops-templates-dir', '/tmp/o4t/tpl']);
  const t = (l: string, f: () => Promise<unknown>) => { const s = Date.now(); return f().then((r) => console.log(l, Date.now() - s, JSON.stringify(r).slice(0, 900))); };
  try {
    await t('templates', () => ops.call('orcaops_list_templates'));
    await t('template', () => ops.call('orcaops_get_template', { template_id: 'pair' }));
    await t('create', () => ops.call('orcaops_create_sandbox', { template: 'pair', name: 'one' }));
    await t('start', () => ops.call('orcaops_start_sandbox', { name: 'one', wait_s: 40 }));
    await t('get', () => ops.call('orcaops_get_sandbox', { name: 'one' }));
    await t('exec', () => ops.call('orcaops_exec_sandbox', { name: 'one', service: 'web', command: 'id; echo $PW; cat /www/index.html; grep Cap /proc/self/status' }));
    await t('exec to', () => ops.call('orcaops_exec_sandbox', { name: 'one', service: 'web', command: 'echo a; sleep 100 & setsid sleep 200', timeout_s: 1 }));
    await t('ps', () => ops.call('orcaops_exec_sandbox', { name: 'one', service: 'web', command: ['ps'] }));
    await t('put', () => ops.call('orcaops_put_sandbox_files', { name: 'one', service: 'web', directory: '/data', files: [{ path: 'a/b.txt', text: 'hello' }] }));
    await t('get file', () => ops.call('orcaops_get_sandbox_file', { name: 'one', service: 'web', path: '/data/a/b.txt' }));
    await t('logs', () => ops.call('orcaops_get_sandbox_logs', { name: 'one', service: 'web' }));
    await t('snap', () => ops.call('orcaops_snapshot_sandbox', { name: 'one', service: 'web', note: 'x' }));
    await t('snaps', () => ops.call('orcaops_list_snapshots', {}));
    await t('stop', () => ops.call('orcaops_stop_sandbox', { name: 'one', wait_s: 40 }));
    await t('list', () => ops.call('orcaops_list_sandboxes', { validate: true }));
    await t('delete', () => ops.call('orcaops_delete_sandbox', { name: 'one', snapshots: true, wait_s: 40 }));
    await t('list', () => ops.call('orcaops_list_sandboxes', { validate: true }));
  } finally { await ops.stop(); }
}, 200000);
