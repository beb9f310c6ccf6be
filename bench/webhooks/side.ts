/** What both sides are asked: to post so many bodies to a receiver, over so many lanes, in order within each. */
export interface PostCommand {
  readonly count: number;
  readonly lanes: number;
}

export interface SenderNeeds {
  /** Where the receiver listens. */
  readonly url: string;
}

export const maxLanes = 8;
/** An event as a job's progress makes it: about half a kilobyte. */
export const data = {
  id: 'job_01m7xs581z9dtrx1qppyg6x6bg',
  kind: 'lake.ingest',
  dataset_id: 'ds_01m7xs4tbr1ezskvh4brf57gfd',
  state: 'running',
  progress: 0.5,
  counters: { inserted: 3201, updated: 0, errors: 0 },
  created_at: '2026-11-21T00:47:32.928Z',
  started_at: '2026-11-21T00:47:32.995Z',
  metadata: { rows: 3201, served: true, rejects: [], version: 'v1', skipped_objects: [] },
};
