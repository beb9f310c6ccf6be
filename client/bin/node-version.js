// Plain JavaScript that every Node since 12 can read: it runs before anything that an old one cannot.

/** The sentence for a Node that is too old to run Tutti; undefined when it will do. */
export function tooOld(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return undefined;
  return `Tutti needs Node 22.18 or newer, and this is Node ${version}.`;
}
