import type { ResourceKind } from '../../../core/resource.ts';
import { requireFor } from '../bound.ts';
import { artifactSchema } from '../contract.ts';
import { noProfile } from '../errors.ts';
import type { Figures } from '../figures.ts';
import { listProfiles } from '../profiles/store.ts';
import { findCurrent } from './find-current.ts';
import { showConfig } from './show.ts';
import type { SigningKeys } from './signing-keys.ts';

/** `config://{client}/{profile}`: the configuration that is current for all. It is updated at each release. */
export const configResource = (keys: SigningKeys, figures: Figures): ResourceKind => ({
  kind: 'config',
  path: '{client}/{profile}',
  whole: true,
  toolset: 'config',
  title: 'Configuration',
  description: 'The signed configuration that is current for a client family and profile: config://{client}/{profile}',
  output: artifactSchema,
  async read(id, principal, db) {
    const [client_id = '', profile = '', ...others] = id.split('/');
    if (others.length > 0) throw noProfile(client_id, id);
    requireFor(principal, 'config:read', { client_id, profile });
    const shown = await showConfig(db, keys, await findCurrent(db, { client_id, profile }));
    figures.fetched();
    return shown;
  },
  async complete(typed, _principal, db) {
    const names = (await listProfiles(db)).flatMap(({ client_id, profile }) => [client_id, profile]);
    return [...new Set(names)].filter((name) => name.startsWith(typed));
  },
});
