import type { Machine, Scope, State } from './machine.ts';
import { parseResource } from './machine.ts';
import type { Path } from './problem.ts';

export interface Placed {
  readonly name: string;
  readonly state: State;
  /** Where it stands in the document: `definition.States.Each.ItemProcessor.States.Classify`. */
  readonly path: Path;
}

/** All states of a machine, those within Maps and Parallels too. */
export function* statesOf(scope: Machine | Scope, path: Path = ['definition']): Generator<Placed> {
  for (const [name, state] of Object.entries(scope.States)) {
    const at = [...path, 'States', name];
    yield { name, state, path: at };
    if (state.Type === 'Map') yield* statesOf(state.ItemProcessor, [...at, 'ItemProcessor']);
    if (state.Type === 'Parallel')
      for (const [index, branch] of state.Branches.entries()) yield* statesOf(branch, [...at, 'Branches', index]);
  }
}

/** The servers that a machine calls; `tutti` stands for our own tools. */
export function serversOf(machine: Machine): string[] {
  const servers = [...statesOf(machine)].flatMap(({ state }) => {
    const called = state.Type === 'Task' ? parseResource(state.Resource) : undefined;
    return called ? [called.server] : [];
  });
  return [...new Set(servers)];
}
