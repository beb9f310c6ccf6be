import type { Template } from '../definition/json.ts';

/** The JSONata between `{%` and `%}` of a text that is an expression; undefined of any other text. */
export function expressionOf(text: string): string | undefined {
  return text.length >= 4 && text.startsWith('{%') && text.endsWith('%}') ? text.slice(2, -2).trim() : undefined;
}

/** Whether anything in it is to be evaluated. */
export function hasExpressions(template: Template): boolean {
  if (typeof template === 'string') return expressionOf(template) !== undefined;
  if (typeof template !== 'object' || template === null) return false;
  return Object.values(template).some(hasExpressions);
}

/**
 * The template with every expression replaced by what `evaluate` gives for it, one after another in the order in which they
 * stand. `path` is where the expression stands in the template.
 */
export async function fillTemplate(
  template: Template,
  evaluate: (expression: string, path: string) => Promise<unknown>,
  path = '',
): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = expressionOf(template);
    return expression === undefined ? template : evaluate(expression, path);
  }
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    const items: unknown[] = [];
    for (const [index, item] of template.entries()) items.push(await fillTemplate(item, evaluate, `${path}[${index}]`));
    return items;
  }
  const filled: [string, unknown][] = [];
  for (const [name, value] of Object.entries(template))
    filled.push([name, await fillTemplate(value, evaluate, path === '' ? name : `${path}.${name}`)]);
  return Object.fromEntries(filled);
}
