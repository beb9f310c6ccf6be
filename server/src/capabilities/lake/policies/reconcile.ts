import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { appendEvent, findOwnEvent } from '../../../core/events/store.ts';
import { findContract } from '../contracts/store.ts';
import { findServedIndex, listIndexes } from '../indexes/store.ts';
import { decidingOptions } from '../jobs/ingest-plan.ts';
import { type DatasetRow, lockDataset, toDataset, touchDataset } from '../store.ts';
import { findVersion } from '../versions/store.ts';
import { type CarryOutNeeds, carryOut, planLater } from './carry-out.ts';
import { type Decision, decide, type Ended, isSame } from './decide.ts';
import { type Ruling, rulingOf } from './rule.ts';
import { contentOf, contentWanted, type LastValidation, situationOf, type Wanted } from './situation.ts';
import { concludeJob, listPolicies, listTargets, putTarget, type TargetRow } from './store.ts';
import { commitArrived } from './uploads.ts';

export interface ReconcileNeeds extends CarryOutNeeds {
  readonly lastValidation: LastValidation;
}

export interface Occasion {
  /** The job that ends with this. */
  readonly ending?: Ended;
  /** The target that somebody reads. */
  readonly reading?: string;
}

/** What was decided, by target. */
export type Decisions = ReadonlyMap<string, Decision>;

/**
 * Brings a dataset towards what its policies want of it, as far as that goes in this transaction: jobs are enqueued,
 * superseded ones canceled, an index that is there is served. Doing it again changes nothing.
 */
export type Reconcile = (tx: Db, datasetId: string, occasion?: Occasion) => Promise<Decisions>;

const rounds = 3;
/** States in which a job is waited for. Some end without a word: canceled in the queue, refused at their start, given up. */
const waiting: readonly string[] = ['waiting', 'validating', 'building'];
const lookEveryMs = 60_000;
const soon = () => (Math.floor(Date.now() / lookEveryMs) + 1) * lookEveryMs;

export function createReconcile(needs: ReconcileNeeds): Reconcile {
  return async (tx, datasetId, occasion = {}) => {
    const decisions = new Map<string, Decision>();
    const policies = await listPolicies(tx, datasetId);
    const known = await listTargets(tx, datasetId);
    if (policies.length === 0 && known.length === 0) return decisions;
    const dataset = await lockDataset(tx, datasetId);
    if (!dataset) return decisions;
    if (occasion.ending) {
      const { id, state, at } = occasion.ending;
      await concludeJob(tx, { job_id: id, dataset_id: datasetId, state, at: new Date(at) });
    }
    const ruling = await rulingOf(tx, policies);
    const wanted = await wantedOf(tx, dataset);
    // Before anything is done about it: what is done for one target is no reason for the next one.
    const why = await findOwnEvent(tx, datasetId);
    const later: number[] = ruling ? await commitArrived(tx, dataset, ruling, needs) : [];
    let changed = false;
    for (const target of await targetsOf(tx, dataset, ruling, known)) {
      const ruled = isRuled(ruling, target) ? ruling : undefined;
      const row = await note(tx, dataset, target, wanted, ruled, why);
      const decision = await settle(tx, dataset, row, wanted, ruled, ruling !== ruled, occasion);
      decisions.set(target, decision);
      for (const action of decision.actions) if (action.do === 'later') later.push(action.at);
      if (ruled && waiting.includes(decision.standing.state) && decision.standing.job_id) later.push(soon());
      if (sha256(decision.standing) === sha256(row.standing)) continue;
      await putTarget(tx, row, { standing: decision.standing });
      changed = true;
    }
    if (later.length > 0) await planLater(tx, datasetId, Math.min(...later), needs);
    if (changed) await touchDataset(tx, datasetId);
    return decisions;
  };

  /** Decides and acts until there is nothing left to do now. */
  async function settle(
    tx: Db,
    dataset: DatasetRow,
    first: TargetRow,
    wanted: Wanted | undefined,
    ruling: Ruling | undefined,
    ruledElsewhere: boolean,
    { reading }: Occasion,
  ): Promise<Decision> {
    let row = first;
    for (let round = 1; ; round += 1) {
      const asked = { wanted, ruling, ruledElsewhere, row, reading: reading === row.target };
      const decision = decide(await situationOf(tx, asked, needs.lastValidation));
      const now = decision.actions.filter((action) => action.do !== 'later');
      if (now.length === 0 || round === rounds) return decision;
      for (const action of now) {
        if (action.do === 'tell lag') await tellLag(tx, dataset, row, action.lag_s);
        const stopped = await carryOut(tx, action, asked, needs);
        if (stopped) return { actions: decision.actions.filter((one) => one.do === 'later'), standing: stopped };
      }
      const anew = now.some(({ do: done }) => done === 'evict' || done === 'renew');
      row = await note(tx, dataset, row.target, wanted, ruling, undefined, anew);
    }
  }
}

async function wantedOf(tx: Db, { id, version }: DatasetRow): Promise<Wanted | undefined> {
  const found = version === null ? undefined : await findVersion(tx, id, version);
  return found && { version: found.version, manifest_id: found.manifest_id };
}

/** The targets that the policy names, or else those that the dataset was ever ingested into. */
async function targetsOf(
  tx: Db,
  { id }: DatasetRow,
  ruling: Ruling | undefined,
  known: readonly TargetRow[],
): Promise<string[]> {
  const seen = new Set([...known.map((row) => row.target), ...(await listIndexes(tx, id)).map((row) => row.target)]);
  const named = ruling?.rule.params.targets;
  if (named) for (const target of named) seen.add(target);
  if (seen.size === 0 && ruling) seen.add('lance');
  return [...seen].sort();
}

function isRuled(ruling: Ruling | undefined, target: string): boolean {
  return ruling?.rule.params.targets?.includes(target) ?? true;
}

/** Writes down what is wanted of a target. Something else, or a policy that was put again, begins a new generation. */
async function note(
  tx: Db,
  dataset: DatasetRow,
  target: string,
  wanted: Wanted | undefined,
  ruling: Ruling | undefined,
  event: Awaited<ReturnType<typeof findOwnEvent>>,
  anew = false,
): Promise<TargetRow> {
  const served = await findServedIndex(tx, dataset.id, target);
  const row = await putTarget(
    tx,
    { dataset_id: dataset.id, target },
    served ? { mapping: { ...served.mapping }, options: decidingOptions(served.options) } : {},
  );
  const content = contentWanted({ wanted, ruling, row });
  const contract = ruling && ((await findContract(tx, dataset.id))?.revision ?? null);
  const wants = JSON.stringify([content ?? null, ruling?.policy.name ?? null, ruling?.policy.put_at ?? null, contract]);
  if (wants === row.wants && !anew) return row;
  const [before] = row.wants === '' ? [] : JSON.parse(row.wants);
  const isBehind = row.wants !== '' && !(served && before && isSame(before, contentOf(served)));
  const now = new Date();
  return putTarget(tx, row, {
    wanted_version: wanted?.version ?? null,
    wants,
    generation: row.generation + 1,
    changed_at: now,
    validate_job: null,
    ingest_job: null,
    event_id: event?.id ?? null,
    cause: event?.cause ?? null,
    ...(!isBehind && { behind_since: now, lag_told: false }),
  });
}

async function tellLag(tx: Db, dataset: DatasetRow, row: TargetRow, lagS: number): Promise<void> {
  await putTarget(tx, row, { lag_told: true });
  await appendEvent(tx, {
    type: 'dataset.lagging',
    subject: `dataset:${dataset.id}`,
    toolset: 'lake',
    datasetId: dataset.id,
    data: { ...toDataset(dataset), lagging: { target: row.target, wanted_version: row.wanted_version, lag_s: lagS } },
  });
}
