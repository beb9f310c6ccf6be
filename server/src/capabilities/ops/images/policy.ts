import { AppError } from '../../../core/errors.ts';
import type { PullPolicy } from '../contract.ts';
import { type ImagePattern, isListed } from './allow-list.ts';
import { imageNotAllowed, noSuchReference } from './errors.ts';
import { type ImageReference, parseImage, showImage } from './reference.ts';

/** What the operator lets be run and pulled. */
export interface ImagePolicy {
  /** Whether images that are on the engine may be run although no pattern stands for them. */
  readonly present: boolean;
  readonly pulls: readonly ImagePattern[];
  readonly policy: PullPolicy;
}

/** What is to be done for an image. */
export interface ImagePlan {
  readonly image: ImageReference;
  readonly pull: PullPolicy;
  /** Whether it may be pulled at all. */
  readonly listed: boolean;
}

/**
 * What may be done for an image that a caller named. A caller chooses when to pull only where the operator said `missing`, the
 * usual. Throws VALIDATION_FAILED, IMAGE_NOT_ALLOWED.
 */
export function planImage(name: string, asked: PullPolicy | undefined, policy: ImagePolicy): ImagePlan {
  const image = parseImage(name);
  if (!image) throw noSuchReference(name);
  const listed = isListed(image, policy.pulls);
  if (!listed && !policy.present) throw imageNotAllowed(showImage(image), 'run');
  if (asked !== undefined && asked !== policy.policy && policy.policy !== 'missing')
    throw fixedPolicy(asked, policy.policy);
  if (asked === 'always' && !listed) throw imageNotAllowed(showImage(image), 'pulled');
  return { image, pull: asked ?? policy.policy, listed };
}

function fixedPolicy(asked: PullPolicy, fixed: PullPolicy): AppError {
  return new AppError(
    'IMAGE_NOT_ALLOWED',
    `The operator fixed when images are pulled: ${fixed}.`,
    `Leave pull out, or ask for ${fixed}.`,
    { asked, fixed },
  );
}
