import { setTimeout as sleep } from 'node:timers/promises';
import { type ActContext, expectEqual } from '../act.ts';
import { waitForJob } from '../job.ts';
import { firstLine, type Movie, moviesName, spoiled, toBytes } from '../movies.ts';
import { upload } from '../upload.ts';

const patienceMs = 60_000;
const titles = `${moviesName}.Title.nullValues`;
const ratings = `${moviesName}.IMDB Rating.maximum`;

interface Contract {
  readonly schema: readonly { readonly properties: readonly { readonly name: string }[] }[];
}

/** Drafts a contract from the data, tightens it, and has a policy heed it. */
export async function agree(context: ActContext, id: string): Promise<void> {
  const { mcp, narrator } = context;
  const draft = await narrator.step('infer_contract', async (progress) => {
    const started = await mcp.call('infer_contract', { dataset_id: id });
    const { metadata } = await waitForJob(context, started.id, progress);
    const contract: Contract = metadata.contract;
    const columns = contract.schema.map((one) => one.properties.length);
    expectEqual('the columns of the draft', columns, [16]);
    return [contract, `a draft of ${columns} columns`];
  });
  await narrator.step('set_contract', async () => {
    const { revision, rules } = await mcp.call('set_contract', { dataset_id: id, contract: tightened(draft) });
    const ids = rules.map((rule: { id: string }) => rule.id);
    const known = [titles, ratings].filter((rule) => ids.includes(rule));
    expectEqual('the revision, and the rules that were tightened', [revision, known], [1, [titles, ratings]]);
    return [undefined, `${rules.length} rules: ratings 0 to 10, at most one film without a title`];
  });
  await narrator.step('validate', async (progress) => {
    const started = await mcp.call('validate', { dataset_id: id });
    const { report } = (await waitForJob(context, started.id, progress)).metadata;
    expectEqual('the report', [report.version, report.passed, report.failed_rules], ['v2', true, []]);
    return [undefined, `v2 passed: ${report.rows} rows`];
  });
  await narrator.step('set_policy', async () => {
    const { ok } = await mcp.call('set_policy', { dataset_id: id, policy: { name: 'hot-index' } });
    expectEqual('ok', ok, true);
    return [undefined, 'hot-index: what is committed and valid is served by itself'];
  });
}

/** Commits a version that the contract refuses. Answers the validation that stopped it. */
export async function sendBadVersion(
  context: ActContext,
  id: string,
  key: string,
  rows: readonly Movie[],
): Promise<string> {
  const { mcp, narrator } = context;
  await upload(context, id, new Map([[key, toBytes(spoiled(rows))]]));
  await narrator.step('commit_dataset_version', async () => {
    const { version } = await mcp.call('commit_dataset_version', { dataset_id: id, version: 'v3' });
    expectEqual('the committed version', version, 'v3');
    return [undefined, 'v3: titles lost, ratings out of 100'];
  });
  return narrator.step('get_dataset', async () => {
    const { wanted_version, served_version, reason, job_id, failed_rules } = await blocked(context, id);
    expectEqual(
      'why the target is blocked',
      [wanted_version, served_version, reason, [...failed_rules].sort()],
      ['v3', 'v2', 'validation', [ratings, titles].sort()],
    );
    return [job_id, 'v3 is blocked by its validation; v2 stays served'];
  });
}

/** Shows what the validation found: how many rows, and one of them. */
export async function showWhy(
  { mcp, narrator }: ActContext,
  jobId: string,
  key: string,
  rows: readonly Movie[],
): Promise<void> {
  await narrator.step('get_validation_report', async () => {
    const bad = spoiled(rows).map((movie) => Number(movie['IMDB Rating']));
    const { items, version, passed } = await mcp.call('get_validation_report', { job_id: jobId, rule: ratings });
    const { status, failed, samples } = items[0];
    const tooHigh = bad.filter((rating) => rating > 10).length;
    expectEqual('the rule', [version, passed, status, failed], ['v3', false, 'failed', tooHigh]);
    const { object_key, line, text } = samples[0];
    expectEqual('a value that breaks it', [object_key, Number(text.text)], [key, bad[line - firstLine]]);
    return [undefined, `${failed} rows break ${ratings}: ${object_key}:${line} says ${text.text}`];
  });
}

interface Blocked {
  readonly state: string;
  readonly wanted_version: string;
  readonly served_version: string;
  readonly reason: string;
  readonly job_id: string;
  readonly failed_rules: readonly string[];
}

/** Waits until the policy has stopped. */
async function blocked({ mcp }: ActContext, id: string): Promise<Blocked> {
  let target: Blocked | undefined;
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(100)) {
    [target] = (await mcp.call('get_dataset', { dataset_id: id })).targets;
    if (target?.state === 'blocked') return target;
  }
  throw new Error(`the target\nexpected it to be blocked\ngot      ${JSON.stringify(target)}`);
}

/** Says what people know of films, where the draft knows only what it has met. */
function tightened(draft: Contract): Contract {
  const more: Readonly<Record<string, object>> = {
    'IMDB Rating': { logicalTypeOptions: { minimum: 0, maximum: 10 } },
    Title: { quality: [{ metric: 'nullValues', mustBeLessThan: 2 }] },
  };
  const schema = draft.schema.map((one) => ({
    ...one,
    properties: one.properties.map((property) => ({ ...property, ...more[property.name] })),
  }));
  return { ...draft, schema };
}
