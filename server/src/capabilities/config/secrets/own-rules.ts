import { entropyOf } from './entropy.ts';
import type { Leaf } from './leaves.ts';
import { standsForAValue } from './references.ts';

/** A secret that was found in a text. */
export interface Found {
  readonly rule: string;
  readonly secret: string;
}

const secretName =
  /(?:^|_)(?:token|secret|password|passwd|passphrase|passcode|pwd|apikey|api_key|access_key|private_key|secret_key|signing_key|encryption_key|account_key|auth_key|license_key|credentials?|cookie|bearer|authorization|pat|client_secret|connection_string)$/;
const header = /^(?:proxy_)?authorization$|^cookie$|^x_(?:api_key|auth_token|access_token)$/;
/** Names of what is public by its nature, however random it looks. */
const publicName =
  /(?:^|_)(?:sha1|sha256|sha512|hash|digest|integrity|checksum|commit|revision|fingerprint|artifact|schema|ref|version|client_id|tenant_id|uuid|guid|thumbprint|key_id)(?:_id)?$/;
const assignment = /(?:^|[\s,;&?{("'])["']?([A-Za-z][\w.-]{0,60})["']?\s{0,3}[:=]\s{0,3}["']?([^\s"',;&]{6,200})/g;

/** What the vendored rules do not look for: by name, by place in an address, by randomness. */
export function* ownFindings({ key, text, joined }: Leaf): Generator<Found> {
  const privateKey = /-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY/i.exec(text);
  if (privateKey) yield { rule: 'private-key', secret: privateKey[0] };
  yield* inAddresses(text);
  if (joined) return;
  const name = snake(key);
  if (secretName.test(name) && text.trim().length >= 4 && isLiteral(text))
    yield { rule: header.test(name) ? 'authorization-header' : 'named-secret', secret: text };
  for (const [, inner = '', value = ''] of text.matchAll(assignment))
    if (secretName.test(snake(inner)) && isLiteral(value) && looksMade(value))
      yield { rule: 'named-secret', secret: value };
  const scheme = /\b(?:Bearer|Basic)\s+([A-Za-z0-9._~+/=-]{8,})/.exec(text)?.[1];
  if (scheme !== undefined && isLiteral(scheme) && looksMade(scheme))
    yield { rule: 'authorization-header', secret: scheme };
  if (!publicName.test(name)) yield* random(text);
}

function* inAddresses(text: string): Generator<Found> {
  for (const [, user = '', password = ''] of text.matchAll(
    /[a-z][a-z0-9+.-]{0,30}:\/\/([^/\s:@?#]{0,200})(?::([^/\s@?#]{0,500}))?@/gi,
  )) {
    const secret = password === '' ? user : password;
    // A user alone is a secret where it looks like one: git and registries take tokens for users.
    if (secret !== '' && !standsForAValue(secret) && (password !== '' || looksMade(user)))
      yield { rule: 'url-credentials', secret };
  }
  for (const [, name = '', value = ''] of text.matchAll(/[?&#]([\w.-]{1,60})=([^&#\s]{6,500})/g)) {
    const said = snake(name);
    const named = secretName.test(said) || /(?:^|_)(?:key|sig|signature|auth|code|sas|jwt)$/.test(said);
    if (named && !standsForAValue(value)) yield { rule: 'url-parameter', secret: value };
  }
}

function* random(text: string): Generator<Found> {
  for (const { 0: run, index } of text.matchAll(/[A-Za-z0-9+_=-]{32,}/g)) {
    if (/sha(?:1|256|384|512)[:-]$/i.test(text.slice(0, index)) || /^sha(?:256|384|512)-/.test(run)) continue;
    if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(run)) continue;
    const hex = /^[0-9a-f]+$/i.test(run);
    const mixed = /[0-9].*[0-9]/.test(run) && /[a-z]/i.test(run);
    if (mixed && entropyOf(run) >= (hex ? 3.2 : 4)) yield { rule: 'high-entropy', secret: run };
  }
}

function isLiteral(text: string): boolean {
  const value = text.trim();
  if (standsForAValue(value) || /^(?:true|false|null|none|\d{1,6})$/i.test(value)) return false;
  // An address is judged by its parts; a sentence is none.
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(value) && !/\s\S+\s/.test(value);
}

/** Whether a text looks made by a machine rather than written. */
function looksMade(text: string): boolean {
  return text.length >= 8 && /[0-9]/.test(text) && /[A-Za-z]/.test(text) && entropyOf(text) >= 2.5;
}

/** `apiKey`, `X-Api-Key` and `API_KEY` are one name. */
function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
