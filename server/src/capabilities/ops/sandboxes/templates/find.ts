import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../core/errors.ts';
import { type Issue, Refused, readYaml } from '../compose/read-yaml.ts';
import { apiTesting } from './api-testing.ts';
import { pythonMl } from './python-ml.ts';
import { type Template, templateHead } from './template.ts';
import { webDev } from './web-dev.ts';

const builtIn: ReadonlyMap<string, Template> = new Map([webDev, pythonMl, apiTesting].map((one) => [one.id, one]));
const maxChars = 65_536;
const idForm = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Ids of all templates: the operator's, which stand before ours of the same name, and ours. */
export async function templateIds(directory: string | undefined): Promise<string[]> {
  const own = directory === undefined ? [] : await readdir(directory, { withFileTypes: true }).catch(() => []);
  const folders = own.filter((entry) => entry.isDirectory() && idForm.test(entry.name)).map(({ name }) => name);
  return [...new Set([...builtIn.keys(), ...folders])].sort();
}

/** A template by its id; undefined where there is none. Throws INVALID_TEMPLATE for an operator's that cannot be read. */
export async function findTemplate(id: string, directory: string | undefined): Promise<Template | undefined> {
  if (!idForm.test(id)) return undefined;
  return (directory === undefined ? undefined : await readFolder(path.join(directory, id), id)) ?? builtIn.get(id);
}

async function readFolder(folder: string, id: string): Promise<Template | undefined> {
  const head = await readText(path.join(folder, 'template.yml'));
  const compose =
    (await readText(path.join(folder, 'compose.yml'))) ?? (await readText(path.join(folder, 'docker-compose.yml')));
  if (head === undefined && compose === undefined) return undefined;
  if (head === undefined || compose === undefined)
    throw invalidTemplate(id, [{ path: '', message: 'needs both template.yml and compose.yml' }]);
  try {
    const parsed = templateHead.safeParse(readYaml(head));
    if (parsed.success) return { ...parsed.data, id, compose };
    throw new Refused(
      parsed.error.issues.slice(0, 20).map((issue) => ({
        path: ['template.yml', ...issue.path.map(String)].join('.'),
        message: issue.message.slice(0, 200),
      })),
    );
  } catch (error) {
    throw error instanceof Refused ? invalidTemplate(id, error.issues) : error;
  }
}

async function readText(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined && text.length > maxChars)
    throw invalidTemplate(path.basename(path.dirname(file)), [
      { path: path.basename(file), message: `is longer than ${maxChars} characters` },
    ]);
  return text;
}

/** A template that says what is not allowed, with each place. */
export function invalidTemplate(id: string, issues: readonly Issue[]): AppError {
  return new AppError(
    'INVALID_TEMPLATE',
    `The template ${JSON.stringify(id.slice(0, 60))} cannot be used.`,
    'Choose another one of orcaops_list_templates; who made it finds each place that is wrong in the details.',
    { template: id.slice(0, 60), issues: [...issues] },
  );
}
