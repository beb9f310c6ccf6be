import type { ResourceKind } from '../../../core/resource.ts';
import type { OrchestraAccess } from '../access.ts';
import { maxPart } from '../client/files.ts';
import { pieceSchema, readPiece } from './piece.ts';
import { artifactAt, artifactPath, noSuchResource } from './uri.ts';

const standardLength = 262_144;

/** `orchestra://runs/{run}/tasks/{task}/artifacts/{name}`: an artifact, piece by piece. */
export const artifactResource = (orchestra: OrchestraAccess): ResourceKind => ({
  kind: 'orchestra',
  path: artifactPath,
  toolset: 'orchestra',
  title: 'Artifact of an Orchestra task',
  description: `A file that a task of a run of the Orchestra platform left, 256 KiB of it, or the bytes of ?offset=…&length=… (at most ${maxPart}): orchestra://${artifactPath}`,
  output: pieceSchema,
  async read(path, principal, _db, { offset = 0, length = standardLength }) {
    const place = artifactAt(path);
    if (!principal.scopes.has('orchestra:read')) throw noSuchResource();
    const api = await orchestra.open({ principal });
    return readPiece(api, place, { offset, length: Math.max(16, length) });
  },
});
