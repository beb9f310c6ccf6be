import { AppError } from './errors.ts';

const newline = 10;
const carriageReturn = 13;

/** The response with a body that breaks off with an error beyond `max` bytes; a stream of events counts each for itself. */
export function capBody(response: Response, max: number): Response {
  if (response.body === null) return response;
  const each = response.headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
  let size = 0;
  let blank = true;
  const capped = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (each) countEvents(chunk);
        else size += chunk.length;
        if (size > max) controller.error(tooLarge(max));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText } = response;
  return new Response(capped, { status, statusText, headers: new Headers([...response.headers]) });

  /** An empty line ends an event. */
  function countEvents(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (byte === newline) {
        size = blank ? 0 : size + 1;
        blank = true;
      } else if (byte !== carriageReturn) {
        blank = false;
        size += 1;
        if (size > max) return;
      }
    }
  }
}

function tooLarge(max: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `The answer is larger than ${max} bytes.`, 'Ask the other side for less.');
}
