/** What was found out about one thing. */
export interface Check {
  readonly name: string;
  /** `skip`: it could not be looked at, which says nothing of it. */
  readonly state: 'ok' | 'warn' | 'fail' | 'skip';
  readonly message: string;
  /** What to do about it. */
  readonly suggestion?: string;
}
