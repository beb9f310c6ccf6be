/** An image's name taken apart, in the one form that all spellings of it share. */
export interface ImageReference {
  /** Host in small letters, with a port where one was given; docker.io when none was. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` when neither tag nor digest were given; undefined beside a digest, which alone counts then. */
  readonly tag: string | undefined;
  /** `sha256:<64 hex>` */
  readonly digest: string | undefined;
}

const maxLength = 512;
const maxNameLength = 255;
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostForm = new RegExp(`^(?:${label})(?:\\.${label})*(?::[1-9][0-9]{0,4})?$`);
const componentForm = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestForm = /^sha256:[a-f0-9]{64}$/;
const digestsOnly = /^[a-f0-9]{64}$/;

/**
 * Reads an image's name by the rules of the distribution project: what stands before the first slash is a registry when it has a
 * dot or a port or is localhost, else all of it is of Docker Hub. Undefined for anything else, so that an image which is allowed
 * and the one which the engine takes are never two.
 */
export function parseImage(text: string): ImageReference | undefined {
  if (text.length > maxLength) return undefined;
  const [named = '', digest, ...rest] = text.split('@');
  if (rest.length > 0 || (digest !== undefined && !digestForm.test(digest))) return undefined;
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagForm.test(tag)) return undefined;
  const place = placeOf(colon < 0 ? named : named.slice(0, colon));
  if (!place || !isHost(place.registry)) return undefined;
  if (!place.repository.split('/').every((part) => componentForm.test(part))) return undefined;
  if (nameOf(place).length > maxNameLength) return undefined;
  return { ...place, tag: digest === undefined ? (tag ?? 'latest') : undefined, digest };
}

/** Registry and repository of a name without tag and digest; what may stand in them is not looked at. */
export function placeOf(name: string): { readonly registry: string; readonly repository: string } | undefined {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (!/[.:]/.test(first) && first !== 'localhost') {
    // The engine takes it for an id.
    if (digestsOnly.test(name)) return undefined;
    return { registry: 'docker.io', repository: slash < 0 ? `library/${name}` : name };
  }
  const registry = first.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const repository = name.slice(slash + 1);
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return { registry, repository };
  return { registry: 'docker.io', repository: repository.includes('/') ? repository : `library/${repository}` };
}

export function isHost(text: string): boolean {
  return text.length <= 253 && hostForm.test(text);
}

export function nameOf({ registry, repository }: Pick<ImageReference, 'registry' | 'repository'>): string {
  return `${registry}/${repository}`;
}

/** The whole name: `docker.io/library/python:3.12-slim`, or with `@sha256:…`. */
export function showImage(image: ImageReference): string {
  return image.digest === undefined ? `${nameOf(image)}:${image.tag}` : `${nameOf(image)}@${image.digest}`;
}
