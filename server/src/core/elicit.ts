/** Something that only the human behind a caller can answer. */
export interface Question {
  readonly message: string;
  /** A flat JSON Schema of an object: what the answer has. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** What the tool wants to know again when the answer comes. */
  readonly state: Readonly<Record<string, string>>;
}

/** What the human said; `cancel` is no answer at all. */
export interface HumanAnswer {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content: Readonly<Record<string, unknown>>;
  readonly state: Question['state'];
}

/** Ends a call with a question; the caller makes the call again, with the answer. What the call changed stays. */
export class NeedsAnswer extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super('the caller has to answer a question first');
    this.name = 'NeedsAnswer';
    this.question = question;
  }
}
