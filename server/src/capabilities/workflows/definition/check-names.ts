import type { Envelope } from './envelope.ts';
import type { Found } from './found.ts';
import { type Machine, parseResource } from './machine.ts';
import { statesOf } from './walk.ts';

/** That the envelope speaks of states and tools that the machine has. */
export function checkNames(envelope: Envelope, machine: Machine, found: Found): undefined {
  const states = new Set<string>();
  const called = new Set<string>();
  for (const { name, state } of statesOf(machine)) {
    states.add(name);
    const resource = state.Type === 'Task' ? parseResource(state.Resource) : undefined;
    if (resource) called.add(`${resource.server}/${resource.tool}`);
  }
  const sensitive = envelope.sensitive === true ? [] : envelope.sensitive;
  for (const [field, names] of [
    ['sensitive', sensitive],
    ['public', envelope.public],
  ] as const)
    for (const [index, name] of names.entries())
      if (!states.has(name))
        found.add(
          [field, index],
          `No state is called ${JSON.stringify(name.slice(0, 80))}.`,
          'Name states of the definition.',
        );
  for (const [index, name] of envelope.public.entries())
    if (sensitive.includes(name)) found.add(['public', index], 'This state is called sensitive too.', 'Name it once.');
  if (envelope.public.length > 0 && envelope.sensitive !== true && sensitive.length === 0)
    found.add(['public'], 'Nothing is sensitive, so that nothing needs to be called public.', 'Leave it out.');
  for (const [index, tool] of envelope.idempotent.entries())
    if (!called.has(tool))
      found.add(
        ['idempotent', index],
        `No state calls ${JSON.stringify(tool.slice(0, 80))}.`,
        'Name tools that the definition calls, as <server>/<tool>.',
      );
}
