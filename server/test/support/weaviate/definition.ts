import { type ClassDefinition, Refusal, type State } from './state.ts';

const dataTypes = ['text', 'number', 'int', 'boolean', 'date'];
const tokenizations = ['word', 'lowercase', 'whitespace', 'field'];

/** Makes a collection, by the rules of `POST /v1/schema`. */
export function createCollection(state: State, definition: ClassDefinition): ClassDefinition {
  const { class: name, properties, vectorConfig, vectorizer } = definition;
  if (!/^[A-Z][_0-9A-Za-z]{0,254}$/.test(name)) throw new Refusal(`'${name}' is not a valid class name`);
  if (state.collections.has(name)) throw new Refusal(`class name ${name} already exists`);
  if (vectorConfig && vectorizer) throw new Refusal('class.vectorizer and class.vectorConfig exclude each other');
  const names = new Set<string>();
  for (const { name: property, dataType, tokenization, indexSearchable } of properties) {
    if (!/^[_A-Za-z][_0-9A-Za-z]{0,230}$/.test(property) || ['id', '_id', '_additional'].includes(property))
      throw new Refusal(`'${property}' is not a valid property name`);
    if (names.has(property.toLowerCase())) throw new Refusal(`conflict for property ${property}`);
    names.add(property.toLowerCase());
    const [type = ''] = dataType;
    if (!dataTypes.includes(type)) throw new Refusal(`property '${property}': invalid dataType ${type}`);
    if (type !== 'text' && (tokenization !== undefined || indexSearchable))
      throw new Refusal(`property '${property}': tokenization and indexSearchable are for text`);
    if (tokenization !== undefined && !tokenizations.includes(tokenization))
      throw new Refusal(`property '${property}': tokenization '${tokenization}' is not allowed`);
  }
  state.collections.set(name, { definition, objects: new Map(), dimensions: new Map() });
  return definition;
}
