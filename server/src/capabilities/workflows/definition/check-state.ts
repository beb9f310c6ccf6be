import { type FieldKind, stateFields } from './asl-fields.ts';
import { checkTemplate, type Readable, type StatesField } from './expression-checks.ts';
import { closed, type Found } from './found.ts';
import { isObject } from './json.ts';
import { parseResource, type StateType } from './machine.ts';
import type { Path } from './problem.ts';
import { checkCatch, checkComment, checkRetry } from './retry-checks.ts';
import { checkNumberOrExpression, checkText, checkTimestamp, isExpression } from './value-checks.ts';

/** What is known around a state. */
export interface Context {
  readonly found: Found;
  /** Whether a variable of this name is assigned in this scope or one around it. */
  readonly variable: (name: string) => boolean;
  readonly checkAssign: (value: unknown, path: Path) => undefined;
  /** Checks the states within a Parallel or, with `processor`, a Map. */
  readonly checkInner: (value: unknown, path: Path, processor: boolean) => undefined;
}

const required: Partial<Record<StateType, readonly string[]>> = {
  Task: ['Resource'],
  Choice: ['Choices'],
  Parallel: ['Branches'],
  Map: ['ItemProcessor'],
};

/** Checks the fields of a state, whose names are known to be its own. */
export function checkState(type: StateType, fields: Record<string, unknown>, path: Path, context: Context): undefined {
  const { found } = context;
  for (const name of required[type] ?? [])
    if (fields[name] === undefined) found.add([...path, name], `A state of type ${type} has ${name}.`, `Add ${name}.`);
  if (type === 'Wait' && (fields.Seconds === undefined) === (fields.Timestamp === undefined))
    found.add(path, 'A state of type Wait has either Seconds or Timestamp.', 'Give one of the two.');
  if ('End' in stateFields[type] && (fields.Next === undefined) === (fields.End !== true))
    found.add(path, 'A state either has Next or is the end of its way with End: true.', 'Give one of the two.');
  const kinds: Readonly<Record<string, FieldKind>> = stateFields[type];
  for (const [name, value] of Object.entries(fields)) {
    const kind = kinds[name];
    if (kind) checkField(kind, type, value, [...path, name], context);
  }
}

function checkField(kind: FieldKind, type: StateType, value: unknown, path: Path, context: Context): undefined {
  const { found } = context;
  const readable = (states: readonly StatesField[]) => ({ states, variable: context.variable });
  const templates = (states: readonly StatesField[]) => found.take(checkTemplate(value, path, readable(states)));
  const entry: readonly StatesField[] = ['input', 'context'];
  const yielding: readonly StatesField[] = hasResult(type) ? [...entry, 'result'] : entry;
  switch (kind) {
    case 'type':
    case 'language':
      return;
    case 'comment':
      return checkComment(value, path, found);
    case 'target':
      return checkTarget(value, path, found);
    case 'end':
      if (typeof value !== 'boolean') found.add(path, 'End is true or false.', 'Say End: true.');
      return;
    case 'resource':
      return checkResource(value, path, found);
    case 'output':
      return templates(yielding);
    case 'assign':
      context.checkAssign(value, path);
      return templates(yielding);
    case 'template':
      if (type === 'Task' && !isObject(value) && !isExpression(value))
        found.add(path, 'A tool takes a mapping of arguments.', 'Give one, or an expression that gives one.');
      return templates(entry);
    case 'selector':
      return templates(entry);
    case 'items':
      if (!Array.isArray(value) && !isExpression(value))
        found.add(path, 'Items is a list, or an expression that gives one.', 'Such as {% $states.input.mails %}.');
      return templates(entry);
    case 'retry':
      return checkRetry(value, path, found);
    case 'catch':
      return checkCatch(value, path, found, (catcher, at) => {
        checkTarget(catcher.Next, [...at, 'Next'], found);
        if (catcher.Assign !== undefined) context.checkAssign(catcher.Assign, [...at, 'Assign']);
        for (const field of ['Output', 'Assign'])
          found.take(checkTemplate(catcher[field], [...at, field], readable([...entry, 'errorOutput'])));
      });
    case 'choices':
      return checkChoices(value, path, context, readable(entry));
    case 'timeout':
      checkNumberOrExpression(value, path, found, { least: 1 });
      return templates(entry);
    case 'seconds':
      checkNumberOrExpression(value, path, found, { least: 0 });
      return templates(entry);
    case 'count':
      checkNumberOrExpression(value, path, found, { least: 0 });
      return templates(entry);
    case 'percentage':
      checkNumberOrExpression(value, path, found, { least: 0, most: 100, whole: false });
      return templates(entry);
    case 'timestamp':
      checkTimestamp(value, path, found);
      return templates(entry);
    case 'text':
      checkText(value, path, found);
      return templates(entry);
    case 'branches':
      if (!Array.isArray(value) || value.length === 0)
        return found.add(path, 'Branches is a list of at least one branch.', 'A branch has StartAt and States.');
      for (const [index, branch] of value.entries()) context.checkInner(branch, [...path, index], false);
      return;
    case 'processor':
      if (isObject(value)) checkProcessorConfig(value.ProcessorConfig, [...path, 'ProcessorConfig'], found);
      return context.checkInner(value, path, true);
    case 'batcher':
      checkBatcher(value, path, found);
      return templates(entry);
  }
}

function hasResult(type: StateType): boolean {
  return type === 'Task' || type === 'Map' || type === 'Parallel';
}

function checkTarget(value: unknown, path: Path, found: Found): undefined {
  if (typeof value !== 'string')
    found.add(path, `${String(path.at(-1))} is the name of a state.`, 'Name the state to go on with.');
}

function checkResource(value: unknown, path: Path, found: Found): undefined {
  if (typeof value !== 'string' || !parseResource(value))
    found.add(
      path,
      'Resource is mcp://<server>/<tool>.',
      'list_downstream_servers and list_downstream_tools have the names; mcp://tutti/<tool> is one of our own tools.',
    );
}

function checkChoices(value: unknown, path: Path, context: Context, readable: Readable): undefined {
  const { found } = context;
  if (!Array.isArray(value) || value.length === 0)
    return found.add(path, 'Choices is a list of at least one rule.', 'A rule has Condition and Next.');
  for (const [index, given] of value.entries()) {
    const at = [...path, index];
    const rule = closed(given, at, found, 'A choice rule', ['Comment', 'Condition', 'Next', 'Output', 'Assign']);
    if (!rule) continue;
    checkComment(rule.Comment, [...at, 'Comment'], found);
    checkTarget(rule.Next, [...at, 'Next'], found);
    if (typeof rule.Condition !== 'boolean' && !isExpression(rule.Condition))
      found.add(
        [...at, 'Condition'],
        'Condition is true, false or an expression.',
        'Such as {% $states.input.urgent %}.',
      );
    if (rule.Assign !== undefined) context.checkAssign(rule.Assign, [...at, 'Assign']);
    for (const field of ['Condition', 'Output', 'Assign'])
      found.take(checkTemplate(rule[field], [...at, field], readable));
  }
}

function checkProcessorConfig(value: unknown, path: Path, found: Found): undefined {
  if (value === undefined) return;
  const config = closed(value, path, found, 'ProcessorConfig', ['Mode']);
  if (config && config.Mode !== 'INLINE')
    found.add(
      [...path, 'Mode'],
      'A Map runs within its run: only the mode INLINE is there.',
      'Leave ProcessorConfig out.',
    );
}

function checkBatcher(value: unknown, path: Path, found: Found): undefined {
  const batcher = closed(value, path, found, 'ItemBatcher', [
    'MaxItemsPerBatch',
    'MaxInputBytesPerBatch',
    'BatchInput',
  ]);
  if (!batcher) return;
  const bounds = ['MaxItemsPerBatch', 'MaxInputBytesPerBatch'].filter((name) => batcher[name] !== undefined);
  if (bounds.length === 0)
    found.add(path, 'ItemBatcher has MaxItemsPerBatch, MaxInputBytesPerBatch or both.', 'Give one of them.');
  for (const name of bounds)
    checkNumberOrExpression(batcher[name], [...path, name], found, {
      least: 1,
      most: name === 'MaxInputBytesPerBatch' ? 262_144 : 100_000,
    });
}
