import jsonata from 'jsonata';
import { type Compiled, compileExpression, SyntaxProblem } from './compile.ts';
import { jsonataFunctions } from './functions.ts';
import { named, plainJson } from './plain.ts';
import { type EvaluationRequest, type FromChild, QueryError, type ToChild } from './protocol.ts';
import { fillTemplate } from './template.ts';
import { inRecordedWorld } from './world.ts';

const mostKept = 1000;
const compiled = new Map<string, Compiled>();
const send = process.send?.bind(process);

for (const name of jsonataFunctions) fix((await jsonata(`$${name}`).evaluate(undefined)) as object);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => void answer(message as ToChild));

/** Functions are objects that expressions can hold: what they do is fixed, so that none is changed for the next evaluation. */
function fix(made: object): void {
  for (const field of Object.keys(made)) Object.defineProperty(made, field, { writable: false, configurable: false });
  // JSONata notes in these two where it called the function.
  Object.assign(made, { token: undefined, position: undefined });
  Object.preventExtensions(made);
}

async function answer({ id, request, milliseconds }: ToChild): Promise<void> {
  const reply = await outcome(request, milliseconds);
  send?.({ id, ...reply } satisfies FromChild);
}

async function outcome(request: EvaluationRequest, milliseconds: number) {
  try {
    const value = await inRecordedWorld(request.clock, request.seed, () => evaluate(request, milliseconds));
    return { value: plainJson(value, '') };
  } catch (error) {
    if (error instanceof QueryError) return { problem: error.message, ...(error.limit && { limit: error.limit }) };
    return { problem: `The expression failed: ${text(error)}` };
  }
}

function evaluate({ expressions, bindings }: EvaluationRequest, milliseconds: number): Promise<unknown> {
  const variables = { ...bindings.variables, states: bindings.states };
  return fillTemplate(expressions, async (expression, path) => {
    const value = await run(expression, path, variables, milliseconds);
    if (value === undefined) throw new QueryError(`${named(path)} comes to nothing: ${expression.slice(0, 200)}`);
    return plainJson(value, path);
  });
}

async function run(expression: string, path: string, variables: Record<string, unknown>, milliseconds: number) {
  try {
    return await compile(expression).evaluate(variables, milliseconds);
  } catch (error) {
    if (error instanceof QueryError) throw error;
    if (error instanceof SyntaxProblem) throw new QueryError(`${named(path)} is none: ${error.message}.`);
    const code = (error as { code?: unknown }).code;
    if (code === 'D1012') throw new QueryError(`${named(path)} took more than ${milliseconds} ms.`, 'time');
    if (code === 'D1011') throw new QueryError(`${named(path)} calls too deeply.`, 'depth');
    throw new QueryError(`${named(path)} failed: ${text(error)}`);
  }
}

function compile(expression: string): Compiled {
  const known = compiled.get(expression);
  if (known) return known;
  const made = compileExpression(expression);
  if (compiled.size >= mostKept) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(expression, made);
  return made;
}

/** JSONata throws plain objects with a message and a code. */
function text(error: unknown): string {
  const { message, code } = error as { message?: unknown; code?: unknown };
  const words = typeof message === 'string' ? message : String(error);
  return (typeof code === 'string' && code !== 'TUTTI' ? `${words} (${code})` : words).slice(0, 1000);
}
