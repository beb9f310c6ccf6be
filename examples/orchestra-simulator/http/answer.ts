/** What a route answers; `server.ts` sends it, misbehaving as the faults of the request say. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export const json = (body: unknown, status = 200): Answer => ({ status, body });
export const noContent: Answer = { status: 204 };
export const detail = (status: number, text: string): Answer => json({ detail: text }, status);

/** One complaint in the form of FastAPI. */
export interface Complaint {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
  readonly input?: unknown;
}

/** Thrown where a request is not valid; answered as 422 with FastAPI's body. */
export class Invalid extends Error {
  readonly complaints: readonly Complaint[];

  constructor(...complaints: readonly Complaint[]) {
    super('invalid');
    this.complaints = complaints;
  }
}

export const invalid = (error: Invalid): Answer => json({ detail: error.complaints }, 422);
