import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../db/database.ts';
import type { Measure } from './measure.ts';
import { countOpenJobs } from './store.ts';

/** What this process counts, and reads off when it is asked. */
export interface Metrics {
  /** A call of a tool ended, with `ok` or the code of its error. */
  call(tool: string, outcome: string, seconds: number): void;
  /** A request was answered; of a stream, its head. */
  request(route: string, method: string, status: number, seconds: number): void;
  jobEnded(kind: string, state: string): void;
  /** A configuration of a client was found for somebody. */
  configFetch(seconds: number): void;
  /** A call to a downstream server ended, with `ok` or how it failed; its wait for a place counts. */
  downstreamCall(server: string, outcome: string, seconds: number): void;
  /** A workflow run ended here; how long it took from its beginning, its waits included. */
  workflowRunEnded(status: string, seconds: number): void;
  /** All of it in Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsSettings {
  readonly database: Pick<Database, 'db' | 'pool'>;
  /** What the capabilities measure, asked at each reading. */
  readonly measures: () => readonly Measure[];
}

const callSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40];

const fetchSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 1, 5];

const runSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

/** The metrics of one server, in a registry of its own. Names begin with `tutti_`, but for those of the process. */
export function createMetrics({ database, measures }: MetricsSettings): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = new Histogram({
    name: 'tutti_call_duration_seconds',
    help: 'Calls of tools by outcome: ok, or the code of the error.',
    labelNames: ['tool', 'outcome'],
    buckets: callSeconds,
    registers,
  });
  const requests = new Histogram({
    name: 'tutti_http_request_duration_seconds',
    help: 'HTTP requests until their head was sent, by class of route.',
    labelNames: ['route', 'method', 'status'],
    buckets: callSeconds,
    registers,
  });
  const downstreamCalls = new Histogram({
    name: 'tutti_downstream_call_duration_seconds',
    help: 'Calls to downstream MCP servers by outcome: ok, or how they failed.',
    labelNames: ['server', 'outcome'],
    buckets: [...callSeconds, 120, 600],
    registers,
  });
  const jobsEnded = new Counter({
    name: 'tutti_jobs_ended_total',
    help: 'Jobs that ended in this process.',
    labelNames: ['kind', 'state'],
    registers,
  });
  const workflowRuns = new Histogram({
    name: 'tutti_workflow_run_duration_seconds',
    help: 'Workflow runs that ended in this process, by status, from their beginning to their end.',
    labelNames: ['status'],
    buckets: runSeconds,
    registers,
  });
  const configFetches = new Histogram({
    name: 'tutti_config_fetch_duration_seconds',
    help: 'Configurations of clients that were found, until they were ready to be sent.',
    buckets: fetchSeconds,
    registers,
  });
  const jobs = new Gauge({
    name: 'tutti_jobs',
    help: 'Jobs that have not ended, over all processes.',
    labelNames: ['kind', 'state'],
    registers,
  });
  const queueDepth = new Gauge({ name: 'tutti_job_queue_depth', help: 'Jobs that wait for their turn.', registers });
  const queueAge = new Gauge({
    name: 'tutti_job_queue_age_seconds',
    help: 'How long the oldest of them has waited; 0 without any.',
    registers,
  });
  const databaseUp = new Gauge({ name: 'tutti_database_up', help: 'Whether the database answered.', registers });
  const connections = new Gauge({
    name: 'tutti_database_connections',
    help: 'Connections of the pool; waiting are callers that wait for one.',
    labelNames: ['state'],
    registers,
  });
  const others = new Map<string, Gauge | Counter>();

  return {
    call: (tool, outcome, seconds) => calls.labels(tool, outcome).observe(seconds),
    request: (route, method, status, seconds) => requests.labels(route, method, String(status)).observe(seconds),
    workflowRunEnded: (status, seconds) => workflowRuns.labels(status).observe(seconds),
    configFetch: (seconds) => configFetches.observe(seconds),
    jobEnded: (kind, state) => jobsEnded.labels(kind, state).inc(),
    downstreamCall: (server, outcome, seconds) => downstreamCalls.labels(server, outcome).observe(seconds),
    contentType: registry.contentType,
    async text() {
      readPool();
      for (const metric of others.values()) metric.reset();
      for (const measure of measures()) put(measure);
      await readJobs();
      return registry.metrics();
    },
  };

  function readPool(): void {
    for (const [state, value] of Object.entries(database.pool())) connections.labels(state).set(value);
  }

  function put({ name, help, value, labels = {}, counter }: Measure): void {
    const metric = others.get(name) ?? make({ name, help, labelNames: Object.keys(labels), registers: [] }, counter);
    others.set(name, metric);
    metric.labels(labels).inc(value);
  }

  function make(facts: { name: string; help: string; labelNames: string[]; registers: [] }, counter: boolean) {
    const metric = counter ? new Counter(facts) : new Gauge(facts);
    registry.registerMetric(metric);
    return metric;
  }

  /** A database that is away must not take the other figures along. */
  async function readJobs(): Promise<void> {
    jobs.reset();
    try {
      const { open, oldestQueuedS } = await countOpenJobs(database.db);
      for (const { kind, state, count } of open) jobs.labels(kind, state).set(count);
      queueDepth.set(open.filter(({ state }) => state === 'queued').reduce((sum, { count }) => sum + count, 0));
      queueAge.set(oldestQueuedS);
      databaseUp.set(1);
    } catch {
      databaseUp.set(0);
    }
  }
}
