import type { Principal } from '../core/auth/principal.ts';
import type { Db } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import type { Complete, Prompt } from '../core/prompt.ts';
import { type ResourceKind, templateOf, variablesOf } from '../core/resource.ts';
import { isStorable } from '../core/storable.ts';
import { type Exposure, leadsTo } from './exposure.ts';

/** What `completion/complete` asks about: an argument of a prompt, or the variable of a resource's template. */
export type CompletionSubject =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string };

const maxLength = 200;
/** As many as the protocol allows in one answer. */
const maxValues = 100;

/** The prompts that a principal finds, and the completion of their arguments and of resource ids. */
export function createPrompts(prompts: readonly Prompt[], resources: readonly ResourceKind[], db: Db) {
  const visible = (exposure: Exposure, principal: Principal) =>
    prompts.filter(({ toolset }) => leadsTo(toolset, exposure) && principal.scopes.has(`${toolset}:read`));

  return {
    list: (exposure: Exposure, principal: Principal) =>
      visible(exposure, principal).map(({ name, title, description, arguments: args }) => ({
        name,
        title,
        description,
        arguments: args.map((argument) => ({
          name: argument.name,
          description: argument.description,
          required: argument.required,
        })),
      })),

    get(name: string, given: Readonly<Record<string, string>>, exposure: Exposure, principal: Principal) {
      const prompt = visible(exposure, principal).find((known) => known.name === name);
      if (!prompt) throw noSuchPrompt();
      const issues = badArguments(prompt, given);
      if (issues.length > 0) {
        throw new AppError(
          'VALIDATION_FAILED',
          `The arguments of the prompt ${prompt.name} are not valid.`,
          `It takes: ${prompt.arguments.map((argument) => argument.name).join(', ') || 'none'}.`,
          { issues },
        );
      }
      const content = { type: 'text' as const, text: prompt.render(given) };
      return { description: prompt.description, messages: [{ role: 'user' as const, content }] };
    },

    async complete(
      subject: CompletionSubject,
      argument: { readonly name: string; readonly value: string },
      exposure: Exposure,
      principal: Principal,
    ) {
      const complete = completer(subject, argument.name, exposure, principal);
      const usable = complete && argument.value.length <= maxLength && isStorable(argument.value);
      const values = usable ? await complete(argument.value, principal, db) : [];
      return { completion: { values: values.slice(0, maxValues), hasMore: values.length > maxValues } };
    },
  };

  function completer(
    subject: CompletionSubject,
    argument: string,
    exposure: Exposure,
    principal: Principal,
  ): Complete | undefined {
    if (subject.type === 'ref/prompt') {
      const prompt = visible(exposure, principal).find((known) => known.name === subject.name);
      if (!prompt) throw noSuchPrompt();
      return prompt.arguments.find((known) => known.name === argument)?.complete;
    }
    const resource = resources.find((known) => leadsTo(known.toolset, exposure) && templateOf(known) === subject.uri);
    if (!resource) {
      throw new AppError('NOT_FOUND', 'There is no such resource template.', 'List them: resources/templates/list.');
    }
    return variablesOf(resource).includes(argument) ? resource.complete : undefined;
  }
}

function badArguments(prompt: Prompt, given: Readonly<Record<string, string>>): { path: string; message: string }[] {
  const known = new Map(prompt.arguments.map((argument) => [argument.name, argument]));
  const missing = prompt.arguments.filter((argument) => argument.required && !given[argument.name]);
  const bad = Object.entries(given).filter(
    ([name, value]) => !known.has(name) || value.length > maxLength || !isStorable(value),
  );
  return [
    ...missing.map(({ name }) => ({ path: name, message: 'is required' })),
    ...bad.map(([name]) => ({
      path: name.slice(0, maxLength),
      message: known.has(name) ? `is at most ${maxLength} characters of plain text` : 'is no argument of this prompt',
    })),
  ];
}

function noSuchPrompt(): AppError {
  return new AppError('NOT_FOUND', 'There is no such prompt here.', 'List the prompts: prompts/list.');
}
