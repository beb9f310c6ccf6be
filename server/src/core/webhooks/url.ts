const maxLength = 2000;

/** Why a URL cannot be that of a webhook; undefined when it can. Where its host leads is judged at each delivery. */
export function urlProblem(text: string): string | undefined {
  if (text.length > maxLength) return `must be at most ${maxLength} characters`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must carry no user name or password: name a secret instead';
  if (url.hash !== '' || text.includes('#')) return 'must have no fragment';
  return undefined;
}
