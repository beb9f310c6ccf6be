import { AppError } from '../../../core/errors.ts';

export function imageNotAllowed(image: string, what: 'run' | 'pulled'): AppError {
  return new AppError(
    'IMAGE_NOT_ALLOWED',
    `The image ${JSON.stringify(image)} may not be ${what} here.`,
    what === 'run'
      ? 'Name another image, or ask the operator to list this one in ops.pull_images.'
      : 'Name an image that is on the engine, or ask the operator to list this one in ops.pull_images.',
    { image },
  );
}

export function noSuchReference(name: string): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `${JSON.stringify(name.slice(0, 200))} is no name of an image.`,
    'Write it like python:3.12-slim or registry.example.com/team/tool@sha256:…',
    { image: name.slice(0, 200) },
  );
}
