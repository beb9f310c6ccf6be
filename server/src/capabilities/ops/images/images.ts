import { AppError } from '../../../core/errors.ts';
import { conceal } from '../../../core/redact.ts';
import { readReference } from '../../../core/secrets.ts';
import type { Settings } from '../../../core/settings.ts';
import type { PullPolicy } from '../contract.ts';
import type { Engine } from '../docker/client.ts';
import {
  type ImageFacts,
  inspectImage,
  type PullProgress,
  pullImage,
  type RegistryCredentials,
} from '../docker/images.ts';
import { noImage } from '../errors.ts';
import { digestFor, parsePattern } from './allow-list.ts';
import { imageNotAllowed } from './errors.ts';
import { type ImagePlan, type ImagePolicy, planImage } from './policy.ts';
import { type ImageReference, showImage } from './reference.ts';
import { createSharedPulls } from './shared-pulls.ts';

export interface ImageOptions {
  /** When to pull, where the caller may say. */
  readonly pull?: PullPolicy | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal: AbortSignal;
}

/** An image on an engine, and the digest that the registry knows it by, or its id where none does. */
export type FoundImage = ImageFacts & { readonly digest: string };

/** The one way to an image, for jobs and sandboxes alike. */
export interface Images {
  /** Whether a caller may name an image at all, before anything is done. Throws VALIDATION_FAILED, IMAGE_NOT_ALLOWED. */
  check(name: string, pull?: PullPolicy): void;
  /**
   * The image on the engine, pulled where that is to be and allowed. Throws IMAGE_NOT_ALLOWED, IMAGE_NOT_FOUND, PULL_FAILED, and
   * the reason of the signal.
   */
  ensure(engine: Engine, name: string, options: ImageOptions): Promise<FoundImage>;
}

type Registries = Settings['ops.registries'];

export function imagesFrom(settings: Settings): Images {
  return createImages(
    {
      present: settings['ops.present_images'],
      pulls: settings['ops.pull_images'].map(parsePattern),
      policy: settings['ops.pull_policy'],
    },
    settings['ops.registries'],
  );
}

/** `imagesFrom` of what it reads from the settings. */
export function createImages(policy: ImagePolicy, registries: Registries): Images {
  const share = createSharedPulls();
  return {
    check: (name, pull) => void planImage(name, pull, policy),
    async ensure(engine, name, { pull: asked, ...options }) {
      const plan = planImage(name, asked, policy);
      const { image } = plan;
      const there = await inspectImage(engine, showImage(image));
      if (there && !wantsPull(plan)) return found(image, there);
      if (!there && (plan.pull === 'never' || policy.pulls.length === 0)) throw noImage(name);
      if (!there && !plan.listed) throw imageNotAllowed(showImage(image), 'pulled');
      const facts = await share(`${engine.host} ${showImage(image)}`, options, async (shared) => {
        const credentials = await credentialsFor(image.registry, registries);
        return pullImage(engine, image, { ...shared, ...(credentials && { credentials }) });
      });
      return found(image, facts);
    },
  };
}

/** What may not be pulled is taken as it is; a digest is what it is. */
function wantsPull({ image, pull, listed }: ImagePlan): boolean {
  return pull === 'always' && listed && image.digest === undefined;
}

function found(image: ImageReference, facts: ImageFacts): FoundImage {
  return { ...facts, digest: digestFor(image, facts.digests) ?? facts.digests[0] ?? facts.id };
}

async function credentialsFor(registry: string, registries: Registries): Promise<RegistryCredentials | undefined> {
  const known = registries.find(({ name }) => name === registry);
  if (!known) return undefined;
  const password = await readReference(known.password);
  if (password === undefined || password === '') {
    throw new AppError(
      'PULL_FAILED',
      `The password for the registry ${registry} cannot be read where the operator said it is.`,
      'Ask the operator to put ops.registries in order, then call orcaops_run_job again.',
      { registry },
    );
  }
  conceal(password);
  return { username: known.username, password, serveraddress: registry };
}
