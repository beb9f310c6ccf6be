import { SchemaProblem } from '../../../core/json-schema.ts';
import { checkByValidator } from './asl-validator.ts';
import { checkMachine } from './check-machine.ts';
import { checkNames } from './check-names.ts';
import { readDocument } from './document.ts';
import { type Envelope, envelopeSchema } from './envelope.ts';
import { checkTemplate, type StatesField } from './expression-checks.ts';
import { createFound, type Found } from './found.ts';
import { compileSchema } from './input-schema.ts';
import type { Machine } from './machine.ts';
import type { Problem } from './problem.ts';

/** A document that was read: without problems, or with nothing else. */
export type Parsed =
  | { readonly ok: true; readonly envelope: Envelope; readonly machine: Machine; readonly problems: readonly [] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a workflow: YAML 1.2 or JSON of at most 256 KiB, an envelope around a machine of the Amazon States Language. Every
 * field is known or refused by its name; docs/asl.md lists them. Never throws, whatever it is given. What the servers
 * offer is no part of it: `checkAgainstServers`.
 */
export function parseDefinition(text: string): Parsed {
  const read = readDocument(text);
  if ('problem' in read) return { ok: false, problems: [read.problem] };
  const { definition, ...rest } = read.document;
  const found = createFound();
  const envelope = checkEnvelope(rest, found);
  if (definition === undefined)
    found.add(
      ['definition'],
      'There is no state machine.',
      'Add definition: {QueryLanguage: JSONata, StartAt, States}.',
    );
  else checkMachine(definition, ['definition'], found);
  if (envelope && found.problems.length === 0) checkNames(envelope, definition as Machine, found);
  // It takes a tenth of a second, so that it comes last.
  if (found.problems.length === 0) checkByValidator(definition, ['definition'], found);
  if (!envelope || found.problems.length > 0) return { ok: false, problems: found.problems };
  return { ok: true, envelope, machine: definition as Machine, problems: [] };
}

function checkEnvelope(given: unknown, found: Found): Envelope | undefined {
  const parsed = envelopeSchema.safeParse(given);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues)
      found.add(
        path.map((part) => (typeof part === 'number' ? part : String(part))),
        message.slice(0, 300),
        'docs/workflows.md has the fields around a definition.',
      );
    return undefined;
  }
  checkSchema(parsed.data, found);
  checkTemplates(parsed.data, found);
  return parsed.data;
}

function checkSchema({ input }: Envelope, found: Found): undefined {
  try {
    if (input) compileSchema(input);
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error;
    found.add(
      ['input'],
      `This is no JSON Schema that is taken here: ${error.message}.`,
      'Correct it; 2020-12 is meant.',
    );
  }
}

/** The expressions around the machine have no variables. */
function checkTemplates({ outcome, triggers }: Envelope, found: Found): undefined {
  const check = (template: unknown, path: (string | number)[], states: StatesField[]) =>
    found.take(checkTemplate(template, path, { states, variable: () => false }));
  check(outcome, ['outcome'], ['input', 'context', 'result']);
  for (const [index, { event, input }] of triggers.entries()) {
    check(event?.filter, ['triggers', index, 'event', 'filter'], ['input', 'context']);
    check(input, ['triggers', index, 'input'], ['input', 'context']);
  }
}
