import * as client from '@tutti/client/verify';
import { AppError } from '../../../core/errors.ts';

/** The same function, with what the client package refuses as an error of the server. */
export function ours<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      throw error instanceof client.TuttiError ? toOurs(error) : error;
    }
  };
}

function toOurs({ code, message, suggestion, details }: client.TuttiError): AppError {
  return new AppError(code, message, suggestion, details);
}

/** Something signed that must not be used. */
export function notAuthentic(reason: string, why: string): AppError {
  return toOurs(client.notAuthentic(reason, why));
}
