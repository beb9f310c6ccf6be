import type { Rule } from './document.ts';
import { isExact, listOf } from './glob.ts';
import type { Json } from './servers.ts';

/** What a rule asks for that means nothing: it would never do what its author thinks. */
export function* meaningless(one: Rule): Generator<[field: string, message: string]> {
  const { on, match: wanted } = one;
  if ((on === 'path') !== (wanted.path !== undefined)) yield ['match', 'A path belongs to `on: path`, and only there.'];
  if (wanted.versions !== undefined && wanted.package === undefined)
    yield ['match', 'Versions are those of a package: name it.'];
  if (on === 'tool' && wanted.name === undefined) yield ['match', 'Name the tools.'];
  if (['server', 'config', 'arg'].includes(on) && wanted.name !== undefined)
    yield ['match', `Nothing of \`on: ${on}\` has a name; use \`server\` for a server.`];
  if (['server', 'config', 'tool'].includes(on) && wanted.value !== undefined)
    yield ['match', `Nothing of \`on: ${on}\` has a value.`];
  const aboutServers = Object.keys(wanted).some((key) => !['path', 'name', 'value'].includes(key));
  if (['input', 'path', 'config'].includes(on) && aboutServers) yield ['match', `\`on: ${on}\` is about no server.`];
  if (one.action === 'require' && (one.fields === undefined) === (one.that === undefined))
    yield ['that', 'Give either fields or a condition.'];
  if (one.action === 'require' && one.fields !== undefined && !['server', 'input'].includes(on))
    yield ['fields', 'Fields are those of a server or an input.'];
  if (one.action === 'pin') {
    if (on === 'server' && (one.to.value !== undefined || one.to.version === undefined || wanted.package === undefined))
      yield ['to', 'A pin of a server names a package and the version that it gets.'];
    if (on === 'server' && listOf(wanted.package ?? '').some((text) => !isExact(text)))
      yield ['match', 'Only a package that is named in full is pinned.'];
    if (on === 'path' && (one.to.value === undefined || one.to.version !== undefined))
      yield ['to', 'A pin of a path names its value.'];
  }
  if (
    one.action === 'default' &&
    on === 'path' &&
    listOf(wanted.path ?? '').some((text) => !isExact(text.split('/').at(-1) ?? ''))
  )
    yield ['match', 'The last name of the path has to be a name.'];
  if (one.action === 'default' && on === 'server' && !isDefaults(one.set))
    yield ['set', 'It holds fields of a server: timeout_ms, enabled, description, cwd, env, headers, tools.'];
}

const settable = new Set(['timeout_ms', 'enabled', 'description', 'cwd', 'env', 'headers', 'tools']);

function isDefaults(set: Json): boolean {
  if (typeof set !== 'object' || set === null || Array.isArray(set)) return false;
  return Object.keys(set).length > 0 && Object.keys(set).every((key) => settable.has(key));
}
