import { type Node, namesBound, nodesOf, readExpression, SyntaxProblem } from '../expressions/compile.ts';
import { functionNames } from '../expressions/functions.ts';
import { expressionOf } from '../expressions/template.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** The fields of `$states`. */
export type StatesField = 'input' | 'context' | 'result' | 'errorOutput';

/** What an expression may read where it stands. */
export interface Readable {
  readonly states: readonly StatesField[];
  /** Whether a variable of the machine has this name here. */
  readonly variable: (name: string) => boolean;
}

/** What is wrong with the expressions of a template, however deep they stand in it. */
export function checkTemplate(template: unknown, path: Path, readable: Readable): Problem[] {
  if (typeof template === 'string') return checkText(template, path, readable);
  if (typeof template !== 'object' || template === null) return [];
  const fields = Array.isArray(template) ? template.entries() : Object.entries(template);
  return [...fields].flatMap(([name, value]) => checkTemplate(value, [...path, name], readable));
}

function checkText(text: string, path: Path, readable: Readable): Problem[] {
  const expression = expressionOf(text);
  if (expression !== undefined) return checkExpression(expression, path, readable);
  if (!/^\s*\{%|%\}\s*$/.test(text)) return [];
  return [
    problem(
      path,
      'It is half an expression.',
      'An expression is a text that begins with {% and ends with %}: nothing around.',
    ),
  ];
}

function checkExpression(text: string, path: Path, readable: Readable): Problem[] {
  let tree: Node;
  try {
    tree = readExpression(text);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return [
      problem(
        path,
        `This is no expression that is run here: ${error.message}.`,
        'Correct it; docs/asl.md has the rules.',
      ),
    ];
  }
  const nodes = [...nodesOf(tree)];
  const bound = new Set(nodes.flatMap(namesBound));
  const problems = new Map<string, Problem>();
  const add = (message: string, suggestion: string) => problems.set(message, problem(path, message, suggestion));
  if (usesContext(tree, true))
    add(
      'It reads $ or a bare name where there is no context: an expression has no input document.',
      'Begin with $states.input, or with a variable.',
    );
  for (const node of nodes) {
    if (node.type === 'variable' && typeof node.value === 'string') {
      const name = node.value;
      if (name === '$') add('It reads $$, and an expression has no input document.', 'Begin with $states.input.');
      const known = name === '' || name === '$' || name === 'states' || bound.has(name) || functionNames.has(name);
      if (!known && !readable.variable(name))
        add(
          `Nothing assigns the variable $${name} that it reads.`,
          `Assign it in a state before this one, or correct its name.`,
        );
    }
    const field = fieldOfStates(node);
    if (field !== undefined && !readable.states.includes(field as StatesField))
      add(`It reads $states.${field}, which is not there.`, `Here $states has ${readable.states.join(', ')}.`);
  }
  return [...problems.values()];
}

/** `input` of `$states.input.mail`. */
function fieldOfStates(node: Node): string | undefined {
  if (node.type !== 'path') return undefined;
  const [first, second] = node.steps as Node[];
  if (first?.type !== 'variable' || first.value !== 'states' || second?.type !== 'name') return undefined;
  return String(second.value);
}

/** Whether it reads the context at its top, where none is. Within a path, a predicate, a sorting or a grouping there is one. */
function usesContext(given: unknown, top: boolean): boolean {
  if (typeof given !== 'object' || given === null || given instanceof RegExp || !top) return false;
  if (Array.isArray(given)) return given.some((item) => usesContext(item, top));
  const node = given as Node;
  if (node.type === 'variable') return node.value === '';
  if (['name', 'wildcard', 'descendant'].includes(node.type ?? '')) return true;
  if (node.type === 'path') return usesContext((node.steps as Node[])[0], top);
  if (node.type === 'transform') return false;
  return [
    'lhs',
    'rhs',
    'arguments',
    'procedure',
    'body',
    'condition',
    'then',
    'else',
    'expression',
    'expressions',
  ].some((part) => usesContext(node[part], top));
}
