import type { ResourceKind } from '../../../core/resource.ts';
import { reaches, requireFor } from '../bound.ts';
import { artifactSchema } from '../contract.ts';
import { noProfile } from '../errors.ts';
import type { Figures } from '../figures.ts';
import type { Reader } from '../reading/reader.ts';
import { staleField, staleSince } from '../reading/stale.ts';

/** `config://{client}/{profile}`: the configuration that is current for all. It is updated at each release. */
export const configResource = (reader: Reader, figures: Figures): ResourceKind => ({
  kind: 'config',
  path: '{client}/{profile}',
  whole: true,
  toolset: 'config',
  title: 'Configuration',
  description: 'The signed configuration that is current for a client family and profile: config://{client}/{profile}',
  fromMemory: true,
  output: artifactSchema.extend(staleField),
  async read(id, principal) {
    const [client_id = '', profile = '', ...others] = id.split('/');
    if (others.length > 0) throw noProfile(client_id, id);
    requireFor(principal, 'config:read', { client_id, profile });
    const { config } = await figures.fetched(async () => reader.config(await reader.current({ client_id, profile })));
    return { ...config, ...staleSince(reader) };
  },
  async complete(typed, principal) {
    const profiles = (await reader.standing()).profiles.filter(reaches(principal, 'config:read'));
    const names = profiles.flatMap(({ client_id, profile }) => [client_id, profile]);
    return [...new Set(names)].filter((name) => name.startsWith(typed));
  },
});
