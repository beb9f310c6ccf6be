/** Reads a body up to `max` bytes and lets go of the rest; `more` says that there was a rest. */
export async function readUpTo(response: Response, max: number): Promise<{ bytes: Buffer; more: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(response)) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection: what is not wanted is not sent.
    if (size > max) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, max), more: size > max };
}

/** Skips `offset` bytes and reads `max` more, for a body that began at its start although a part was asked for. */
export async function readFrom(
  response: Response,
  offset: number,
  max: number,
): Promise<{ bytes: Buffer; more: boolean }> {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for await (const chunk of bodyOf(response)) {
    if (at + chunk.length > offset) chunks.push(chunk.subarray(Math.max(0, offset - at)));
    at += chunk.length;
    if (at > offset + max) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, max), more: at > offset + max };
}

/** The last `tail` bytes of a body, of which at most `limit` are read; `more` where it goes on beyond that. */
export async function readTail(response: Response, tail: number, limit: number) {
  const kept: Uint8Array[] = [];
  let held = 0;
  let size = 0;
  let more = false;
  for await (const chunk of bodyOf(response)) {
    kept.push(chunk);
    held += chunk.length;
    size += chunk.length;
    while (held - (kept[0]?.length ?? 0) >= tail) held -= kept.shift()?.length ?? 0;
    if (size > limit) {
      more = true;
      break;
    }
  }
  const whole = Buffer.concat(kept);
  const bytes = whole.subarray(Math.max(0, whole.length - tail));
  return { bytes, start: size - bytes.length, more };
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body !== null) yield* response.body as unknown as AsyncIterable<Uint8Array>;
}
