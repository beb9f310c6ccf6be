import { lookup as resolve } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AppError } from './errors.ts';

export interface AddressSettings {
  /** Addresses or CIDR ranges that are allowed although they are not public. */
  readonly allow: readonly string[];
  /** Resolves a name; by default the resolver of the system. */
  readonly lookup?: (hostname: string) => Promise<Address>;
}

interface Address {
  readonly address: string;
  readonly family: number;
}

/** The address to connect to for a host; throws where it is none that may be reached. */
export type AddressOf = (hostname: string) => Promise<Address>;

/** Makes the check that all that leaves this server passes: resolve once, and judge the very address that was found. */
export function addressCheck(settings: AddressSettings): AddressOf {
  const allowed = settings.allow.map(parseRange);
  const lookup = settings.lookup ?? ((hostname) => resolve(hostname));

  return async (hostname) => {
    const bare = bareHost(hostname);
    const family = isIP(bare);
    const found = family
      ? { address: bare, family }
      : await lookup(bare).catch(() => {
          throw new AppError(
            'UPSTREAM_FAILED',
            `The name ${bare} does not resolve.`,
            'Check the host name in the URL.',
          );
        });
    if (!isAllowed(found.address)) {
      throw refused('The URL leads to an address that is not public.', { host: bare });
    }
    return found;
  };

  function isAllowed(text: string): boolean {
    const address = ipaddr.process(text); // IPv4-mapped IPv6 becomes IPv4
    if (isPublic(address)) return true;
    return allowed.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits));
  }
}

/** Whether a host is an address itself, not a name. */
export function isLiteral(hostname: string): boolean {
  return isIP(bareHost(hostname)) !== 0;
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Global unicast of IPv6; all else there is special: site-local, translated or mapped IPv4, discard. */
const global6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** Benchmarking networks, and the address at which Azure's hosts serve their metadata. */
const special4 = ['198.18.0.0/15', '168.63.129.16/32'].map((range) => ipaddr.IPv4.parseCIDR(range));

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  if (address instanceof ipaddr.IPv6) return address.match(global6);
  return !special4.some((range) => address.match(range));
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

export function refused(message: string, details?: unknown): AppError {
  return new AppError(
    'EGRESS_REFUSED',
    message,
    'Use a public http(s) address, or ask the operator to list this one.',
    details,
  );
}

/** Codes of failures to connect at all: nothing was sent on such a connection. */
export const connectFailures: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];
