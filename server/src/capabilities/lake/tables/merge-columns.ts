import type { ColumnType, EngineColumn } from '../engine/protocol.ts';

/** The columns of all objects together; where two disagree on a type, it is one that takes both. */
export function mergeColumns(all: readonly (readonly EngineColumn[])[]): EngineColumn[] {
  const merged = new Map<string, ColumnType>();
  for (const { name, type } of all.flat()) merged.set(name, widest(merged.get(name) ?? type, type));
  return [...merged].map(([name, type]) => ({ name, type }));
}

function widest(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a;
  const both = [a, b].sort().join(' ');
  if (both === 'integer number') return 'number';
  if (both === 'date timestamp') return 'timestamp';
  return 'string';
}
