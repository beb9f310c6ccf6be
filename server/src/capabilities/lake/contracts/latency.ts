import type { Contract, SlaProperty } from './odcs.ts';
import { resolve } from './relationships.ts';
import type { Draft } from './rules.ts';

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, day: 86_400_000, days: 86_400_000 };
for (const unit of ['h', 'hr', 'hour', 'hours']) Object.assign(unitMs, { [unit]: 3_600_000 });

/** The service levels of a contract. Latency is checked against the newest time of a column; the others are promises. */
export function* latencyRules(contract: Contract, now: number): Generator<Draft & { readonly group: number }> {
  for (const sla of contract.slaProperties ?? []) {
    const name = sla.property;
    const elements = sla.element?.split(',').map((element) => element.trim()) ?? [undefined];
    for (const element of elements)
      yield {
        name,
        given: elements.length === 1 ? sla.id : undefined,
        severity: 'error',
        ...latency(contract, sla, element, now),
      };
  }
}

function latency(contract: Contract, sla: SlaProperty, element: string | undefined, now: number) {
  const skip = (reason: string) => ({ group: 0, check: { kind: 'skipped' as const, reason } });
  if (sla.property.toLowerCase() !== 'latency') return skip(`the service level ${sla.property} is not checked on data`);
  const ms = unitMs[(sla.unit ?? 'd').toLowerCase()];
  const value = Number(sla.value);
  if (ms === undefined || !Number.isFinite(value)) return skip('latency is checked in days (d) or hours (h)');
  if (element === undefined) return skip('it names no element');
  const objects = contract.schema ?? [];
  const full =
    element.includes('.') || element.includes('/') || objects.length !== 1 ? element : `${objects[0]?.name}.${element}`;
  const found = resolve(contract, full);
  if (found === 'elsewhere') return skip('it refers to another contract');
  return { group: found.group, check: { kind: 'latency' as const, column: found.column, age: value * ms, now } };
}
