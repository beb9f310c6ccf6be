/** A port of a service that the machine of the engine may reach, by loopback alone. */
export interface Port {
  readonly target: number;
  readonly protocol: 'tcp' | 'udp';
  /** Undefined for a free one, chosen at each start. */
  readonly published?: number;
}

export interface LongPort {
  readonly target: number | string;
  readonly published?: number | string | undefined;
  readonly protocol?: string | undefined;
  readonly host_ip?: string | undefined;
  readonly mode?: string | undefined;
  readonly name?: string | undefined;
}

const loopback = '127.0.0.1';
const short = /^(?:(?<ip>[^:[\]/]*):(?<published>\d*):)?(?<target>\d{1,5})(?:\/(?<protocol>[a-z]+))?$/;
const withoutAddress = /^\d+(-\d+)?:/;

/** A port in any of compose's forms; a text says why it is refused. */
export function portOf(port: number | string | LongPort): Port | string {
  if (typeof port === 'object') return check(port);
  const text = String(port);
  const { ip, published, target, protocol } = short.exec(text)?.groups ?? {};
  if (target === undefined) {
    return withoutAddress.test(text)
      ? 'would be open on every address of the machine: write 127.0.0.1::<port of the container>'
      : 'is no port: write <port of the container> or 127.0.0.1::<port of the container>';
  }
  return check({ target, host_ip: ip, published, protocol });
}

function check({ target, published, protocol = 'tcp', host_ip, mode = 'host' }: LongPort): Port | string {
  const inside = Number(target);
  if (!isPort(inside)) return 'is no port from 1 to 65535';
  if (protocol !== 'tcp' && protocol !== 'udp') return 'has a protocol that is neither tcp nor udp';
  if (mode !== 'host' && mode !== 'ingress') return 'has a mode that is not known here';
  if (host_ip !== undefined && host_ip !== loopback) return `may be published on ${loopback} alone`;
  if (published === undefined || published === '' || Number(published) === 0) return { target: inside, protocol };
  if (host_ip === undefined) return `would be open on every address of the machine: publish it on ${loopback}`;
  const outside = Number(published);
  if (!isPort(outside) || outside < 1024) return 'is published on a port that is not from 1024 to 65535';
  return { target: inside, protocol, published: outside };
}

function isPort(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && value <= 65_535;
}

/** As compose reads it. */
export function writePort({ target, protocol, published }: Port): string {
  return `${loopback}:${published ?? ''}:${target}/${protocol}`;
}
