import type { parse } from '@bufbuild/cel';

/** A node of an expression's syntax tree. */
export type Expr = NonNullable<ReturnType<typeof parse>['expr']>;

/** What can be used in an expression besides macros and operators. */
const functions = new Set(
  'size contains startsWith endsWith matches int uint double string bool type dyn timestamp duration'
    .concat(' getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds')
    .concat(' getMilliseconds')
    .split(' '),
);
const deepest = 40;

/** What an expression uses. */
export interface Uses {
  /** Variables that nothing in it binds. */
  readonly variables: ReadonlySet<string>;
  readonly unknownFunctions: ReadonlySet<string>;
  readonly tooDeep: boolean;
}

/** Walks a tree, and makes every turn of a loop in it call `@tick` on its condition, so that turns can be counted. */
export function inspect(root: Expr): Uses {
  const variables = new Set<string>();
  const unknownFunctions = new Set<string>();
  let tooDeep = false;

  const walk = (expr: Expr | undefined, bound: ReadonlySet<string>, depth: number): void => {
    if (expr === undefined) return;
    if (depth > deepest) {
      tooDeep = true;
      return;
    }
    const { exprKind } = expr;
    const each = (items: readonly (Expr | undefined)[]) => {
      for (const item of items) walk(item, bound, depth + 1);
    };
    switch (exprKind.case) {
      case 'identExpr':
        if (!bound.has(exprKind.value.name)) variables.add(exprKind.value.name);
        break;
      case 'selectExpr':
        each([exprKind.value.operand]);
        break;
      case 'callExpr':
        if (/^[a-z]/i.test(exprKind.value.function) && !functions.has(exprKind.value.function))
          unknownFunctions.add(exprKind.value.function);
        each([exprKind.value.target, ...exprKind.value.args]);
        break;
      case 'listExpr':
        each(exprKind.value.elements);
        break;
      case 'structExpr':
        if (exprKind.value.messageName !== '') unknownFunctions.add(exprKind.value.messageName);
        for (const { keyKind, value } of exprKind.value.entries)
          each([keyKind.case === 'mapKey' ? keyKind.value : undefined, value]);
        break;
      case 'comprehensionExpr': {
        const loop = exprKind.value;
        each([loop.iterRange, loop.accuInit]);
        const inside = new Set([...bound, loop.iterVar, loop.accuVar]);
        for (const part of [loop.loopCondition, loop.loopStep, loop.result]) walk(part, inside, depth + 1);
        loop.loopCondition = ticking(loop.loopCondition);
        break;
      }
    }
  };
  walk(root, new Set(), 0);
  return { variables, unknownFunctions, tooDeep };
}

function ticking(condition: Expr | undefined): Expr | undefined {
  if (condition === undefined) return undefined;
  const call = { $typeName: 'cel.expr.Expr.Call' as const, target: undefined, function: '@tick', args: [condition] };
  return { $typeName: 'cel.expr.Expr', id: condition.id, exprKind: { case: 'callExpr', value: call } } as Expr;
}
