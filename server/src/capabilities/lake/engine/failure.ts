import { AppError } from '../../../core/errors.ts';
import { storageFull } from '../../../core/room.ts';
import type { EngineSource, WireError } from './protocol.ts';

/** A failure inside a native engine. Its message is the engine's and stays apart from our own words. */
export class EngineFailure extends Error {
  readonly source: EngineSource;

  constructor(source: EngineSource, message: string) {
    super(message);
    this.name = 'EngineFailure';
    this.source = source;
  }
}

/**
 * Turns anything thrown inside a child into what may cross to the parent. `paths` maps file paths of this call to
 * names that the caller knows: engines like to quote paths of the machine, which are nobody's business.
 */
export function toWire(error: unknown, source: EngineSource, paths: ReadonlyMap<string, string>): WireError {
  if (error instanceof AppError) {
    const { code, message, suggestion, details } = error;
    return { kind: 'app', code, message, suggestion, ...(details === undefined ? {} : { details }) };
  }
  if (!(error instanceof Error)) return { kind: 'internal', text: String(error) };
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return missingFile(error as NodeJS.ErrnoException, paths);
  if (isFull(error)) return noRoom();
  if (/commit conflict|concurrent transaction/i.test(error.message)) return toWire(anotherWriter(), source, paths);
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  if (code === 'ERR_STRING_TOO_LONG') return overlong(onlyObject(paths));
  if (code.startsWith('Z_')) return brokenGzip(onlyObject(paths));
  if (error instanceof EngineFailure)
    return { kind: 'engine', source: error.source, text: scrub(error.message, paths) };
  // What the engines throw is a plain Error; the other kinds are our own faults and belong into the log.
  if (error.constructor !== Error) return { kind: 'internal', text: error.stack ?? error.message };
  return { kind: 'engine', source, text: scrub(error.message, paths) };
}

/** The engines have no code for it, only the words of the operating system. */
function isFull(error: Error): boolean {
  return /\b(ENOSPC|EDQUOT)\b|No space left on device|Disk quota exceeded/.test(
    `${(error as NodeJS.ErrnoException).code} ${error.message}`,
  );
}

/** A process whose job was taken over may still have had a write on its way to the store. */
export function anotherWriter(): AppError {
  return new AppError(
    'ENGINE_DIED',
    'Another process wrote to the same index at the same time.',
    'The job tries again by itself; if it fails nevertheless, start it again with start_ingest.',
  );
}

function noRoom(): WireError {
  const { code, message, suggestion } = storageFull();
  return { kind: 'app', code, message, suggestion };
}

function missingFile(error: NodeJS.ErrnoException, paths: ReadonlyMap<string, string>): WireError {
  return {
    kind: 'app',
    code: 'ENGINE_FAILED',
    message: 'The file of an object is not in the store.',
    suggestion: 'Upload the object again and commit a new version.',
    details: { object: paths.get(error.path ?? '') ?? null },
  };
}

/** The object that a call was about, if it was one; what is no object has a name in angle brackets. */
function onlyObject(paths: ReadonlyMap<string, string>): { object?: string } {
  const [object, ...others] = [...paths.values()].filter((name) => !/^<.*>$/.test(name));
  return object === undefined || others.length > 0 ? {} : { object };
}

function overlong(object: { object?: string }): WireError {
  return {
    kind: 'app',
    code: 'ENGINE_OVERRUN',
    message: 'A single line or value of the object is too long to be read.',
    suggestion: 'Split the object into lines or rows and upload it again.',
    details: { limit: 'value_length', ...object },
  };
}

function brokenGzip(object: { object?: string }): WireError {
  return {
    kind: 'app',
    code: 'ENGINE_FAILED',
    message: 'The object begins like gzip, but cannot be unpacked.',
    suggestion: 'Compress the object again and upload it; details say which, where it is known.',
    details: object,
  };
}

function scrub(text: string, paths: ReadonlyMap<string, string>): string {
  let clean = text.replace(/,?\s*\S+\.rs:\d+(:\d+)?/g, '');
  for (const [path, name] of paths) clean = clean.replaceAll(path, name);
  return clean;
}
