import { targetsOf } from './graph-checks.ts';
import type { Machine, Scope, State } from './machine.ts';

const longestLabel = 120;

/** The machine as a flowchart of Mermaid: one box a state with its type, Maps and Parallels around what they run. */
export function drawMermaid(machine: Machine): string {
  const lines = ['flowchart TD'];
  const count = { boxes: 0, starts: 0 };
  drawScope(machine, '  ', lines, count);
  return `${lines.join('\n')}\n`;
}

function drawScope(scope: Scope, indent: string, lines: string[], count: { boxes: number; starts: number }): void {
  const ids = new Map<string, string>();
  for (const name of order(scope)) {
    ids.set(name, `s${count.boxes}`);
    count.boxes += 1;
  }
  const start = `b${count.starts}`;
  count.starts += 1;
  lines.push(`${indent}${start}((" "))`);
  for (const [name, id] of ids) drawState(id, name, scope.States[name] as State, indent, lines, count);
  lines.push(`${indent}${start} --> ${ids.get(scope.StartAt) ?? start}`);
  for (const [name, id] of ids)
    for (const { target, label, dotted } of ways(scope.States[name] as State)) {
      const to = ids.get(target);
      const arrow = dotted ? '-.->' : '-->';
      if (to) lines.push(`${indent}${id} ${arrow}${label === '' ? '' : `|"${escaped(label)}"|`} ${to}`);
    }
}

function drawState(
  id: string,
  name: string,
  state: State,
  indent: string,
  lines: string[],
  count: { boxes: number; starts: number },
): void {
  const inner = `${indent}  `;
  if (state.Type === 'Map') {
    lines.push(`${indent}subgraph ${id}["${escaped(name)}<br/>Map"]`);
    drawScope(state.ItemProcessor, inner, lines, count);
    lines.push(`${indent}end`);
  } else if (state.Type === 'Parallel') {
    lines.push(`${indent}subgraph ${id}["${escaped(name)}<br/>Parallel"]`);
    for (const [index, branch] of state.Branches.entries()) {
      lines.push(`${inner}subgraph ${id}_${index}["${index}"]`);
      drawScope(branch, `${inner}  `, lines, count);
      lines.push(`${inner}end`);
    }
    lines.push(`${indent}end`);
  } else {
    const [open, close] = shapes[state.Type];
    const what = state.Type === 'Task' ? `Task ${state.Resource}` : state.Type;
    lines.push(`${indent}${id}${open}"${escaped(name)}<br/>${escaped(what)}"${close}`);
  }
}

const shapes: Readonly<Record<Exclude<State['Type'], 'Map' | 'Parallel'>, readonly [string, string]>> = {
  Task: ['[', ']'],
  Pass: ['(', ')'],
  Choice: ['{', '}'],
  Wait: ['{{', '}}'],
  Succeed: ['([', '])'],
  Fail: ['[[', ']]'],
};

/** Where a state leads, and when. */
function ways(state: State): { target: string; label: string; dotted: boolean }[] {
  return targetsOf(state as unknown as Record<string, unknown>).map(({ name, at }) => {
    const [field, index] = at as [string, number];
    if (field === 'Choices' && state.Type === 'Choice')
      return { target: String(name), label: String(state.Choices[index]?.Condition ?? ''), dotted: false };
    if (field === 'Catch' && 'Catch' in state)
      return { target: String(name), label: state.Catch?.[index]?.ErrorEquals.join(', ') ?? '', dotted: true };
    return { target: String(name), label: field === 'Default' ? 'otherwise' : '', dotted: false };
  });
}

/** The states as they come one after another: a stored machine has lost the order in which it was written. */
function order(scope: Scope): string[] {
  const seen = new Set<string>();
  const open = [scope.StartAt];
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    const state = scope.States[name];
    if (!state || seen.has(name)) continue;
    seen.add(name);
    for (const { target } of ways(state)) open.push(target);
  }
  return [...seen];
}

/** As Mermaid reads it within quotes: whatever could end the label, or begin a tag, is written as an entity. */
function escaped(text: string): string {
  const short = text.length > longestLabel ? `${text.slice(0, longestLabel)}…` : text;
  return short.replace(/[^\p{L}\p{N} .,:/_…-]/gu, (char) => `#${char.codePointAt(0)};`);
}
