import { partsOf } from '../families/inputs.ts';
import { failure, inputId, type NeutralInput, type Problem, variableName } from '../families/neutral.ts';
import type { RegistryInput } from './server-json.ts';

/** Turns values of a server.json into neutral texts, and gathers the inputs that they ask for. */
export interface Templates {
  /** The text of a value; undefined when nothing is to be set. An input for a variable of the environment keeps its name. */
  text(given: RegistryInput, name: string, path: readonly PropertyKey[], env?: 'env'): string | undefined;
  /** A text with `{variables}` of its own. */
  filled(text: string, variables: RegistryInput['variables'], path: readonly PropertyKey[]): string;
  readonly inputs: ReadonlyMap<string, NeutralInput>;
}

export function templates(problems: Problem[]): Templates {
  const inputs = new Map<string, NeutralInput>();

  const ask = (name: string, given: Omit<RegistryInput, 'variables'>, path: readonly PropertyKey[], env?: 'env') => {
    const id = name.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^[^A-Za-z]+/, '');
    if (!inputId.safeParse(id).success) {
      problems.push(failure(path, `No input can be made of the name ${JSON.stringify(name.slice(0, 100))}.`));
      return '';
    }
    const secret = given.isSecret === true;
    if (secret && given.default !== undefined) problems.push(failure(path, 'A secret comes with a default.'));
    const input: NeutralInput = {
      id,
      ...(given.description && { description: given.description.slice(0, 500) }),
      ...(secret && { secret }),
      ...(env && variableName.safeParse(name).success && { env: name }),
      ...(!secret && given.default !== undefined && { default: plain(given.default, path) }),
    };
    const known = inputs.get(id);
    if (known && JSON.stringify(known) !== JSON.stringify(input))
      problems.push(failure(path, `Two different inputs are called ${id}.`));
    inputs.set(id, input);
    return `\${input:${id}}`;
  };

  /** Text of the registry is data: what looks like an input of ours must not become one. */
  const plain = (text: string, path: readonly PropertyKey[]): string => {
    if (partsOf(text).some((part) => 'input' in part))
      problems.push(failure(path, 'It holds what would become an input here.'));
    return text;
  };

  const filled: Templates['filled'] = (text, variables = {}, path) => {
    plain(text, path);
    // A name in braces that no variable bears stays as it is.
    return text.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
      const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (!variable) return whole;
      return variable.value === undefined ? ask(name, variable, path) : plain(variable.value, path);
    });
  };

  const text: Templates['text'] = (given, name, path, env) => {
    if (given.value !== undefined) return filled(given.value, given.variables, path);
    // What need not be given is left out: clients have no input that may stay empty.
    if (!given.isRequired && given.default === undefined) {
      const why = `${name} may be left empty and is left out: add it to the env or args where it is needed.`;
      problems.push({ ...failure(path, why), severity: 'warning' });
      return undefined;
    }
    return ask(name, given, path, env);
  };
  return { text, filled, inputs };
}
