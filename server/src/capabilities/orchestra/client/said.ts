import { readUpTo } from './read-body.ts';

const maxBytes = 65_536;

/** What the other side says of its failure, from any of the forms that were seen; empty where it says nothing readable. */
export async function saidIn(response: Response): Promise<string> {
  const { bytes } = await readUpTo(response, maxBytes).catch(() => ({ bytes: Buffer.alloc(0) }));
  const text = bytes.toString('utf8');
  try {
    return wordsIn(JSON.parse(text), 0);
  } catch {
    // A page of a proxy says nothing that helps.
    return text.trimStart().startsWith('<') ? '' : text.slice(0, 500);
  }
}

function wordsIn(body: unknown, depth: number): string {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null || depth > 4) return '';
  if (Array.isArray(body)) {
    return body
      .slice(0, 10)
      .map((item) => wordsIn(item, depth + 1))
      .filter((words) => words !== '')
      .join('; ');
  }
  const fields = body as Record<string, unknown>;
  if (Array.isArray(fields.loc) && typeof fields.msg === 'string') {
    const place = fields.loc.filter((part) => typeof part === 'string' || typeof part === 'number');
    return `${place.join('.')}: ${fields.msg}`;
  }
  for (const name of ['detail', 'message', 'error', 'msg', 'errors']) {
    const words = wordsIn(fields[name], depth + 1);
    if (words !== '') return words;
  }
  return '';
}
