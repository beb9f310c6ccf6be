import { expect, test } from 'vitest';
import { fullCatalogue } from '../support/catalogue.ts';

type Schema = {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly default?: unknown;
};

const job = [
  'image',
  'commands',
  'env?',
  'artifacts?',
  'timeout=300',
  'job_id?',
  'intent?',
  'tags?',
  'triggered_by="mcp"',
];
const step = ['command', 'exit_code', 'stdout', 'stderr', 'duration_seconds'].map((name) => `steps[].${name}`);
const artifacts = ['name', 'size_bytes', 'sha256'].map((name) => `artifacts[].${name}`);
const listed = (list: string) => ['job_id', 'status', 'image', 'created_at'].map((name) => `${list}[].${name}`);
const sandbox = ['name', 'template', 'path', 'created_at', 'status'];
const validation = ['exists', 'has_compose', 'has_env'].map((name) => `validation?.${name}`);
const docker = [
  'version',
  'containers',
  'containers_running',
  'containers_paused',
  'containers_stopped',
  'images',
  'os',
];
const record = [
  ...['job_id', 'status', 'created_at', 'started_at?', 'finished_at?', 'sandbox_id?', 'image_ref', 'cleanup_status?'],
  ...['ttl_expiry?', 'fingerprint', 'error?', 'triggered_by', 'intent?', 'parent_job_id?', 'tags', 'metadata'],
  ...step,
  ...['steps[].timestamp?', ...artifacts, 'artifacts[].path?'],
  ...[
    'cpu_seconds',
    'memory_peak_mb',
    'network_rx_bytes',
    'network_tx_bytes',
    'disk_read_bytes',
    'disk_write_bytes',
  ].map((name) => `resource_usage?.${name}?`),
  ...['image_digest?', 'env_vars', 'resource_limits', 'docker_version?'].map((name) => `environment.${name}`),
];

/**
 * OrcaOps' parameters with their defaults, and the fields of its answers; `?` marks what may be absent. What is beyond it here
 * may be more; where it differs is in docs/decisions.
 */
const contract: Readonly<Record<string, readonly [params: readonly string[], fields: readonly string[]]>> = {
  run_job: [job, ['job_id', 'status', ...step, ...artifacts, 'error?']],
  submit_job: [job, ['job_id', 'status', 'message']],
  get_job_status: [['job_id'], record],
  get_job_logs: [['job_id'], ['job_id', 'status', ...step, 'message?']],
  list_jobs: [
    ['status?', 'limit=20'],
    [...listed('jobs'), 'count'],
  ],
  cancel_job: [['job_id'], ['job_id', 'status', 'message']],
  list_artifacts: [['job_id'], ['job_id', ...artifacts, 'count']],
  get_artifact: [
    ['job_id', 'filename'],
    ['job_id', 'filename', 'encoding', 'content', 'size_bytes'],
  ],
  list_sandboxes: [
    ['validate=false'],
    [...sandbox.map((name) => `sandboxes[].${name}`), 'sandboxes[].validation?.exists', 'count'],
  ],
  get_sandbox: [['name'], [...sandbox, ...validation]],
  create_sandbox: [
    ['template', 'name', 'directory?'],
    ['name', 'template', 'path', 'created_at', 'message'],
  ],
  start_sandbox: [['name'], ['name', 'action', 'message', 'output?']],
  stop_sandbox: [
    ['name', 'volumes=false'],
    ['name', 'action', 'message'],
  ],
  list_templates: [[], ['name', 'description', 'category', 'services'].map((name) => `templates[].${name}`)],
  get_template: [['template_id'], ['name', 'description', 'category', 'services']],
  list_containers: [
    ['all=false'],
    [...['id', 'name', 'image', 'status'].map((name) => `containers[].${name}`), 'count'],
  ],
  get_container_logs: [
    ['container_id', 'tail=100'],
    ['container_id', 'logs'],
  ],
  inspect_container: [['container_id'], ['container_id', 'name', 'image', 'state', 'network_settings', 'created']],
  stop_container: [['container_id'], ['container_id', 'message']],
  remove_container: [
    ['container_id', 'force=false'],
    ['container_id', 'message'],
  ],
  system_info: [
    [],
    ['platform', 'architecture', ...[...docker, 'kernel', 'memory_bytes', 'cpus'].map((name) => `docker.${name}?`)],
  ],
  cleanup_containers: [[], ['stopped', 'removed', 'errors']],
  list_runs: [
    ['status?', 'limit=50'],
    [...listed('runs'), 'total'],
  ],
  get_run: [['job_id'], [...record, 'log_analysis?.error_count', 'log_analysis?.warning_count', 'anomalies?']],
  delete_run: [['job_id'], ['job_id', 'message']],
  cleanup_runs: [['older_than_days=30'], ['deleted_count', 'deleted_job_ids', 'message']],
};

const faces = new Map(fullCatalogue().faces.map((face) => [face.name, face]));

test('the contract is of 26 tools, and they are those that a GPT gets', () => {
  const ours = [...faces.values()].filter(({ toolset, further }) => toolset === 'ops' && !further);
  expect(ours.map(({ name }) => name).sort()).toEqual(
    Object.keys(contract)
      .map((name) => `orcaops_${name}`)
      .sort(),
  );
});

test.each(Object.entries(contract))('orcaops_%s takes and answers what OrcaOps does', (name, [params, fields]) => {
  const face = faces.get(`orcaops_${name}`);
  const input = (face?.inputSchema ?? {}) as Schema;
  expect(params.map((param) => parameterOf(input, param.replace(/[?=].*/, '')))).toEqual(params);
  const needed = Object.keys(input.properties ?? {}).filter((param) => parameterOf(input, param) === param);
  expect(needed.filter((param) => !params.includes(param))).toEqual([]);
  const output = (face?.outputSchema ?? {}) as Schema;
  expect(output.required).toContain('success');
  expect(fields.map((field) => fieldOf(output, field.replaceAll('?', '').split('.')))).toEqual(fields);
});

/** `name`, `name?` for one that may be left out, `name=<default>`. */
function parameterOf({ properties = {}, required = [] }: Schema, name: string): string {
  const found = properties[name];
  if (!found) return `${name} is missing`;
  if (found.default !== undefined) return `${name}=${JSON.stringify(found.default)}`;
  return required.includes(name) ? name : `${name}?`;
}

/** A path into a schema, with `?` behind what is not required. */
function fieldOf({ properties = {}, required = [] }: Schema, [part = '', ...rest]: string[]): string {
  const name = part.replace('[]', '');
  const found = properties[name];
  if (!found) return `${name} is missing`;
  const shown = `${part}${required.includes(name) ? '' : '?'}`;
  const inner = part.endsWith('[]') ? found.items : found;
  return rest.length === 0 ? shown : `${shown}.${fieldOf(inner ?? {}, rest)}`;
}
