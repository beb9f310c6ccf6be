import type { Filters } from '../../../../node_modules/weaviate-client/dist/node/esm/proto/v1/base.js';
import { Operator } from './proto.ts';
import { propertyOf, Refusal, type StoredCollection, type StoredObject } from './state.ts';

type Matches = (object: StoredObject) => boolean;

/** A filter with its traps: texts are trimmed, patterns know no escape, and what is not indexed cannot be asked for. */
export function matcher(collection: StoredCollection, filter: Filters | undefined): Matches {
  if (!filter) return () => true;
  const { operator } = filter;
  if (operator === Operator.OPERATOR_AND || operator === Operator.OPERATOR_OR) {
    const parts = filter.filters.map((one) => matcher(collection, one));
    if (parts.length === 0) throw new Refusal('a compound filter without operands');
    const all = operator === Operator.OPERATOR_AND;
    return (object) => (all ? parts.every((part) => part(object)) : parts.some((part) => part(object)));
  }
  const name = filter.target?.property;
  if (name === undefined) throw new Refusal('a filter without a property');
  if (name === '_id') return byId(filter);
  const { dataType, indexFilterable = true, indexSearchable = dataType[0] === 'text' } = propertyOf(collection, name);
  if (!indexFilterable && !indexSearchable)
    throw new Refusal(`Filtering by property '${name}' requires inverted index. Is \`indexFilterable\` set?`);
  if (operator === Operator.OPERATOR_IS_NULL) {
    if (!collection.definition.invertedIndexConfig?.indexNullState)
      throw new Refusal('Nullstate must be indexed to be filterable! add `indexNullState: true`');
    if (filter.valueBoolean === undefined) throw new Refusal('IsNull takes a boolean');
    return ({ properties }) => (properties[name] === undefined) === filter.valueBoolean;
  }
  if (dataType[0] !== 'text' || propertyOf(collection, name).tokenization !== 'field')
    throw new Refusal(`this simulator compares text of tokenization field only, not '${name}'`);
  const test = compare(filter);
  return ({ properties }) => {
    const value = properties[name];
    // What is not equal includes what is not there.
    if (value === undefined) return operator === Operator.OPERATOR_NOT_EQUAL;
    return test(String(value).trim());
  };
}

function byId({ operator, valueText, valueTextArray }: Filters): Matches {
  const ids = valueTextArray?.values ?? (valueText === undefined ? [] : [valueText]);
  if (operator !== Operator.OPERATOR_EQUAL && operator !== Operator.OPERATOR_CONTAINS_ANY)
    throw new Refusal('this simulator finds ids by Equal and ContainsAny only');
  const wanted = new Set(ids);
  return ({ uuid }) => wanted.has(uuid);
}

function compare({ operator, valueText, valueTextArray }: Filters): (value: string) => boolean {
  if (operator === Operator.OPERATOR_CONTAINS_ANY) {
    if (!valueTextArray || valueTextArray.values.length === 0) throw new Refusal('ContainsAny takes texts');
    const wanted = new Set(valueTextArray.values.map((value) => value.trim()));
    return (value) => wanted.has(value);
  }
  if (valueText === undefined) throw new Refusal('a text property is compared with a text');
  const wanted = Buffer.from(valueText.trim());
  const order = (value: string) => Buffer.compare(Buffer.from(value), wanted);
  switch (operator) {
    case Operator.OPERATOR_EQUAL:
      return (value) => order(value) === 0;
    case Operator.OPERATOR_NOT_EQUAL:
      return (value) => order(value) !== 0;
    case Operator.OPERATOR_GREATER_THAN:
      return (value) => order(value) > 0;
    case Operator.OPERATOR_GREATER_THAN_EQUAL:
      return (value) => order(value) >= 0;
    case Operator.OPERATOR_LESS_THAN:
      return (value) => order(value) < 0;
    case Operator.OPERATOR_LESS_THAN_EQUAL:
      return (value) => order(value) <= 0;
    case Operator.OPERATOR_LIKE: {
      const pattern = new RegExp(`^${valueText.replaceAll('?', '.').replaceAll('*', '.*')}$`);
      return (value) => pattern.test(value);
    }
    default:
      throw new Refusal(`unknown filter operator ${operator}`);
  }
}
