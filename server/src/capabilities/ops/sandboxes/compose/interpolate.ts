import { type Issue, Refused } from './read-yaml.ts';

const variable = /\$(?:\$|\{([A-Z][A-Z0-9_]{0,63})\}|)/g;

/**
 * Puts values in the place of `${NAME}`, in texts alone: a value never becomes structure. `$$` stays, for compose reads the
 * result again. Every other `$`, and a name without a value, is refused: nothing comes from the environment of the host.
 */
export function interpolate(document: unknown, values: Readonly<Record<string, string>>): unknown {
  const issues: Issue[] = [];
  const result = walk(document, '');
  if (issues.length > 0) throw new Refused(issues.slice(0, 20));
  return result;

  function walk(value: unknown, path: string): unknown {
    if (typeof value === 'string') return replace(value, path);
    if (Array.isArray(value)) return value.map((item, at) => walk(item, below(path, String(at))));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        // Readers of JavaScript would make nothing of it, and so not refuse it.
        if (key === '__proto__') issues.push({ path: below(path, key), message: 'is not taken here' });
        if (key.includes('$')) issues.push({ path: below(path, key), message: 'a name holds no variable' });
        return [key, walk(item, below(path, key))];
      }),
    );
  }

  function replace(text: string, path: string): string {
    return text.replace(variable, (found, name: string | undefined) => {
      if (found === '$$') return found;
      const known = name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
      if (known === undefined) {
        const message = name
          ? `\${${name}} is no parameter of the template`
          : 'only a parameter in braces and $$ are taken';
        issues.push({ path, message });
        return '';
      }
      return known.replaceAll('$', '$$$$');
    });
  }
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
