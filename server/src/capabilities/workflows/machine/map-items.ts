import type { MapState } from '../definition/machine.ts';
import { evaluate, type Visit } from './run.ts';
import { badType, numberOf } from './simple.ts';

const whole = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };

/** What the Map goes over: its items, or batches of them. The same each time that it is asked within one execution. */
export async function itemsOf(visit: Visit<MapState>): Promise<readonly unknown[]> {
  const { state, input } = visit;
  const items = state.Items === undefined ? input.value : await evaluate(visit, 'items', state.Items as string);
  if (!Array.isArray(items)) throw badType('Items', 'a list');
  return state.ItemBatcher === undefined ? items : batches(visit, items);
}

/** The input of one item or batch. `ItemSelector` of a batched Map makes the items of the batches instead. */
export async function inputOf(visit: Visit<MapState>, items: readonly unknown[], index: number): Promise<unknown> {
  return visit.state.ItemBatcher === undefined ? selected(visit, items[index], index) : items[index];
}

async function selected(visit: Visit<MapState>, item: unknown, index: number): Promise<unknown> {
  const { ItemSelector } = visit.state;
  if (ItemSelector === undefined) return item;
  return evaluate(visit, `item ${index}`, ItemSelector, {}, { Item: { Index: index, Value: item } });
}

async function batches(visit: Visit<MapState>, items: readonly unknown[]): Promise<readonly unknown[]> {
  const { MaxItemsPerBatch, MaxInputBytesPerBatch, BatchInput } = visit.state.ItemBatcher ?? {};
  const most =
    MaxItemsPerBatch === undefined
      ? Number.POSITIVE_INFINITY
      : await numberOf(visit, 'MaxItemsPerBatch', MaxItemsPerBatch, whole);
  const bytes =
    MaxInputBytesPerBatch === undefined
      ? Number.POSITIVE_INFINITY
      : await numberOf(visit, 'MaxInputBytesPerBatch', MaxInputBytesPerBatch, whole);
  const common = BatchInput === undefined ? undefined : await evaluate(visit, 'batch', BatchInput);
  const made: { BatchInput?: unknown; Items: unknown[] }[] = [];
  const start = () => ({ ...(common !== undefined && { BatchInput: common }), Items: [] as unknown[] });
  const empty = Buffer.byteLength(JSON.stringify(start()));
  let size = 0;
  for (const [index, item] of items.entries()) {
    const one = await selected(visit, item, index);
    const length = Buffer.byteLength(JSON.stringify(one)) + 1;
    const open = made.at(-1);
    if (open && open.Items.length < most && size + length <= bytes) {
      open.Items.push(one);
      size += length;
    } else {
      // An item that is larger than a batch may be has one of its own.
      made.push({ ...start(), Items: [one] });
      size = empty + length;
    }
  }
  return made;
}
