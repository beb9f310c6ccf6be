import jsonata from 'jsonata';
import { addedFunctions } from './functions.ts';
import { compilePattern, PatternError, Re2Engine } from './re2-engine.ts';

const longestExpression = 16_384;

/** Deepest nesting of calls within an evaluation. */
const deepestCalls = 500;

/** A node of JSONata's own syntax tree, of which only what is looked at is named. */
export interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly [field: string]: unknown;
}

export interface Compiled {
  /** What it comes to; undefined when it finds nothing. `milliseconds` of processor time are allowed. */
  evaluate(variables: Readonly<Record<string, unknown>>, milliseconds: number): Promise<unknown>;
}

/** Why a text is no expression that is run here. The message quotes nothing but the text. */
export class SyntaxProblem extends Error {}

/**
 * Reads one expression. What would let it get at anything but its variables is refused: `$eval`, a `$clone` of its own
 * (transforms copy with it, and would change what they were given), patterns that are none of RE2.
 */
export function readExpression(text: string): Node {
  return read(text, {}).ast() as Node;
}

/** Compiles one with the functions of the States Language and RE2 for its patterns. */
export function compileExpression(text: string): Compiled {
  const options = { RegexEngine: Re2Engine as unknown as RegExpConstructor, stack: deepestCalls, timeout: 1 };
  const expression = read(text, options);
  freeze(expression.ast() as Node);
  for (const [name, { run, signature }] of Object.entries(addedFunctions))
    expression.registerFunction(name, run as (...given: unknown[]) => unknown, signature);
  return {
    evaluate(variables, milliseconds) {
      // JSONata reads the options as it goes.
      options.timeout = milliseconds;
      return expression.evaluate(undefined, variables) as Promise<unknown>;
    },
  };
}

function read(text: string, options: jsonata.JsonataOptions): jsonata.Expression {
  if (text.length > longestExpression) throw new SyntaxProblem(`it is longer than ${longestExpression} characters`);
  const expression = parse(text, options);
  refuse(expression.ast() as Node);
  return expression;
}

function parse(text: string, options: jsonata.JsonataOptions): jsonata.Expression {
  try {
    return jsonata(text, options);
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxProblem('it is nested too deeply');
    const { message, position } = error as { message?: string; position?: number };
    const at = typeof position === 'number' ? ` at character ${position}` : '';
    throw new SyntaxProblem(`${message ?? 'it cannot be read'}${at}`);
  }
}

function refuse(tree: Node): void {
  for (const node of nodesOf(tree)) {
    if (node.type === 'variable' && node.value === 'eval') throw new SyntaxProblem('$eval is not available');
    if (namesBound(node).includes('clone')) throw new SyntaxProblem('$clone cannot be given another meaning');
    if (node.type === 'regex' && node.value instanceof RegExp) {
      try {
        compilePattern(node.value.source, node.value.flags);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        throw new SyntaxProblem(
          `the pattern /${node.value.source.slice(0, 100)}/ is none of RE2, which has no lookaround and no backreferences (${error.message})`,
        );
      }
    }
  }
}

/** The variables that a node gives a meaning of its own: `$x := …`, `function($x)`, `…@$x`, `…#$x`. */
export function namesBound(node: Node): readonly unknown[] {
  if (node.type === 'bind') return [(node.lhs as Node | undefined)?.value];
  if (node.type === 'lambda') return (node.arguments as Node[]).map(({ value }) => value);
  return [node.focus, node.index].filter((name) => typeof name === 'string');
}

/** Every node of a tree. The tree may share nodes, and holds slots that point back: each is visited once. */
export function* nodesOf(tree: Node): Generator<Node> {
  const seen = new Set<object>();
  const open: object[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (!Array.isArray(node)) yield node as Node;
    if (node instanceof RegExp) continue;
    for (const value of Object.values(node)) if (typeof value === 'object' && value !== null) open.push(value);
  }
}

/** Keeps one evaluation from changing the next: a compiled expression is used again and again, and lambdas show their tree. */
function freeze(tree: Node): void {
  for (const node of nodesOf(tree)) {
    for (const value of Object.values(node)) if (Array.isArray(value)) freezeLists(value);
    Object.freeze(node);
  }
}

function freezeLists(list: unknown[]): void {
  for (const item of list) if (Array.isArray(item)) freezeLists(item);
  Object.freeze(list);
}
