import type { Operation, PipelineRun, TaskRun } from '../api/schemas.ts';
import { maxPart } from '../client/files.ts';
import type { LogFile, OrchestraApi } from '../client/orchestra-api.ts';
import { longestWindowMs } from '../client/windows.ts';
import { newestLog } from '../logs/newest-log.ts';
import { linesOf } from '../logs/plain-text.ts';
import { named, withoutSecrets } from '../present/redact.ts';
import { artifactEndpoint, artifactsEndpoint, logEndpoint, logsEndpoint, operationsEndpoint } from './endpoints.ts';
import { excerptOf, tellingLine } from './excerpt.ts';
import { type Asked, firstPage, type Reading } from './reading.ts';
import { failedNodes, isRunResults } from './run-results.ts';

/** What was said of a failure, by whom, and how far it can be relied on. */
export interface Evidence {
  readonly from:
    | 'operations'
    | 'run_results'
    | 'log'
    | 'log_tail'
    | 'external_message'
    | 'task_message'
    | 'run_message';
  readonly endpoint: string;
  /** The operation, model or file. */
  readonly about?: string;
  readonly text: string;
  /** The one line of it that says most. */
  readonly line: string;
  readonly cut: boolean;
}

/** What a task left behind, and what that says. */
export interface TaskEvidence {
  readonly excerpt: Evidence | undefined;
  readonly logs: readonly LogFile[];
  /** The one of them that an excerpt is taken from. */
  readonly newest: LogFile | undefined;
  readonly artifacts: readonly string[];
}

const tailBytes = 256 * 1024;
const maxChars = 4000;
const dayMs = 24 * 3600 * 1000;

/**
 * The best excerpt there is: operations that failed, else `run_results.json` of dbt, else the log. What comes later is asked for only
 * where what comes before it says nothing.
 */
export async function readEvidence(
  api: OrchestraApi,
  reading: Reading,
  run: PipelineRun,
  task: TaskRun,
): Promise<TaskEvidence> {
  const [operations, logs, artifacts] = await Promise.all([
    readOperations(api, reading, run, task),
    reading.ask(asked(task, 'Names of logs', logsEndpoint), () => api.logs(run.id, task.id)),
    reading.ask(asked(task, 'Names of artifacts', artifactsEndpoint), () => api.artifacts(run.id, task.id)),
  ]);
  const newest = newestLog(logs ?? []);
  if (logs?.length === 0) reading.note({ ...asked(task, 'Log', logsEndpoint), why: 'The task has none.' });
  const excerpt =
    fromOperations(operations) ??
    (await fromRunResults(api, reading, run, task, artifacts ?? [])) ??
    (await fromLog(api, reading, run, task, newest));
  return { excerpt, logs: logs ?? [], newest, artifacts: artifacts ?? [] };
}

function asked({ taskId }: TaskRun, what: string, endpoint: string, file?: string): Asked {
  return { what, endpoint, task_id: named(taskId), ...(file !== undefined && { file: named(file) }) };
}

/** Operations that went wrong; of a warning those that failed as well, for a failure may be treated as one. */
async function readOperations(api: OrchestraApi, reading: Reading, run: PipelineRun, task: TaskRun) {
  const statuses = task.status === 'WARNING' ? ['FAILED', 'WARNING'] : ['FAILED'];
  const window = operationWindow(run);
  const pages = await Promise.all(
    statuses.map((status) =>
      reading.ask(asked(task, 'Operations', operationsEndpoint), () =>
        firstPage(api.operations({ taskRunId: task.id, status, ...window })),
      ),
    ),
  );
  return pages.flatMap((page) => page?.items ?? []);
}

/** Operations are listed by their insertion, by default of the last 7 days; those of an older run need their own window. */
function operationWindow({ createdAt }: PipelineRun) {
  const from = createdAt === null ? undefined : Date.parse(createdAt);
  if (from === undefined || from > Date.now() - 6 * dayMs) return {};
  return { from, to: from + longestWindowMs };
}

function fromOperations(operations: readonly Operation[]): Evidence | undefined {
  const said = operations.flatMap((one) => {
    const text = one.message || one.externalDetail;
    return text ? [{ name: one.operationName ?? one.externalId ?? one.id, text: withoutSecrets(text) }] : [];
  });
  const [first] = said;
  if (!first) return undefined;
  return {
    from: 'operations',
    endpoint: operationsEndpoint,
    about: first.name,
    ...quoted(said.map(({ name, text }) => `${name}: ${text}`)),
    line: tellingLine(first.text),
  };
}

async function fromRunResults(
  api: OrchestraApi,
  reading: Reading,
  run: PipelineRun,
  task: TaskRun,
  artifacts: readonly string[],
): Promise<Evidence | undefined> {
  const name = artifacts.findLast(isRunResults);
  if (name === undefined) return undefined;
  const artifact = asked(task, 'Artifact', artifactEndpoint, name);
  const part = await reading.ask(artifact, () =>
    api.readArtifact(run.id, task.id, name, { offset: 0, length: maxPart }),
  );
  if (!part) return undefined;
  const nodes = part.more ? null : failedNodes(part.bytes.toString('utf8'));
  if (nodes === null) {
    reading.note({ ...artifact, why: part.more ? 'It is too large to be read.' : 'It cannot be read.' });
  }
  const [first] = nodes ?? [];
  if (!nodes || !first) return undefined;
  const texts = nodes.map(({ uniqueId, status, message }) => `${uniqueId} (${status}): ${message}`);
  return {
    from: 'run_results',
    endpoint: artifactEndpoint,
    about: first.uniqueId,
    ...quoted(first.compiledCode ? [...texts, `compiled code of ${first.uniqueId}:\n${first.compiledCode}`] : texts),
    line: tellingLine(withoutSecrets(first.message) || `${first.uniqueId} ${first.status}`),
  };
}

async function fromLog(
  api: OrchestraApi,
  reading: Reading,
  run: PipelineRun,
  task: TaskRun,
  file: LogFile | undefined,
): Promise<Evidence | undefined> {
  if (!file) return undefined;
  const log = asked(task, 'Log', logEndpoint, file.name);
  const part = await reading.ask(log, () => api.readLog(run.id, task.id, file.name, { tail: tailBytes }));
  if (!part) return undefined;
  if (part.pending) {
    reading.note({ ...log, why: 'It is still being written; what comes later is not in here.' });
  }
  // Where a size is not told, a full part is taken for the end of a longer log.
  const cut = (part.start ?? (part.bytes.length < tailBytes ? 0 : 1)) > 0;
  const excerpt = excerptOf(linesOf(part.bytes, cut), maxChars);
  if (excerpt.text === '') {
    reading.note({ ...log, why: 'It is empty.' });
    return undefined;
  }
  return {
    from: excerpt.marked ? 'log' : 'log_tail',
    endpoint: logEndpoint,
    about: file.name,
    text: excerpt.text,
    line: excerpt.line,
    cut: excerpt.cut || cut,
  };
}

/** Texts one below the other, as many as there is room for. */
function quoted(texts: readonly string[]): { text: string; cut: boolean } {
  // Before it is cut: half a secret is not known as one.
  const whole = withoutSecrets(texts.join('\n'));
  return { text: whole.slice(0, maxChars).toWellFormed(), cut: whole.length > maxChars };
}
