import type { Principal } from './auth/principal.ts';
import type { Db } from './db/database.ts';
import type { Toolset } from './tool.ts';

/** Values that go on from what was typed, as far as the principal may see them, the likeliest first. */
export type Complete = (typed: string, principal: Principal, db: Db) => Promise<readonly string[]>;

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly complete?: Complete;
}

/** A text that a person gives to a model: how to use a capability well. Shown to whoever may read the toolset. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: Toolset;
  readonly arguments: readonly PromptArgument[];
  /** The text, for the arguments that were given. */
  render(given: Readonly<Record<string, string>>): string;
}
