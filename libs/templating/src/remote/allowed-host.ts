import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { StepError } from '@slipway/engine';

export interface AllowedHost {
  /** As in a url: `github.com`, or `git.example.com:8443`. */
  host: string;
  /** Whether it may lie at a private address. */
  private?: boolean;
  /** For hosts whose certificate no public authority signed: PEM. */
  ca?: string;
  /** A token for what is not public, asked for when it is needed. */
  token?: () => Promise<string>;
}

export interface RemoteLimits {
  /** Of what is taken, unpacked or not. */
  bytes: number;
  /** For all of one fetch. */
  timeoutMs: number;
}

/** One way to one host, for one fetch. */
export interface Way {
  host: AllowedHost;
  hosts: readonly AllowedHost[];
  limits: RemoteLimits;
  signal: AbortSignal;
  token: string | undefined;
}

/** The url and the entry that allows it. Throws `StepError` `remote_refused` without asking anybody. */
export function checkedUrl(text: string, hosts: readonly AllowedHost[]): { url: URL; host: AllowedHost } {
  const url = URL.parse(text);
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  if (!url) throw refused(`"${shown}" is no url`);
  if (url.username || url.password) throw refused('A url with a name or password in it is refused');
  if (url.protocol !== 'https:') throw refused(`"${shown}" is refused: only https is fetched from`);
  const host = hosts.find((allowed) => allowed.host.toLowerCase() === url.host);
  if (!host) throw refused(`"${shown}" is refused: ${url.host} is not among the hosts that templates may fetch from`);
  return { url, host };
}

/**
 * An address of the host that may be connected to. It is the very one that is used then: a name that is asked for again
 * may answer something else.
 */
export async function addressOf(url: URL, host: AllowedHost): Promise<{ address: string; family: number }> {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(name) ? [{ address: name, family: isIPv6(name) ? 6 : 4 }] : await resolved(name);
  const forbidden = host.private ? undefined : addresses.find(({ address }) => isPrivate(address));
  if (forbidden) throw refused(`${url.host} is refused: its address ${forbidden.address} is a private one`);
  return addresses[0]!;
}

async function resolved(name: string): Promise<{ address: string; family: number }[]> {
  try {
    const found = await lookup(name, { all: true });
    if (found.length > 0) return found;
  } catch (cause) {
    throw new StepError('retry', 'remote_unreachable', `The host ${name} has no address.`, { cause });
  }
  throw new StepError('retry', 'remote_unreachable', `The host ${name} has no address.`);
}

const privateRanges = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  privateRanges.addSubnet(net, prefix);
// Of IPv6 only what is global unicast is public, and of that not what carries an IPv4 address or is for examples.
const publicIpv6 = new BlockList();
publicIpv6.addSubnet('2000::', 3, 'ipv6');
const withinIpv6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  withinIpv6.addSubnet(net, prefix, 'ipv6');

export function isPrivate(address: string): boolean {
  if (!isIPv6(address)) return privateRanges.check(address);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return privateRanges.check(mapped);
  return !publicIpv6.check(address, 'ipv6') || withinIpv6.check(address, 'ipv6');
}

export function refused(why: string): StepError {
  return new StepError('fatal', 'remote_refused', `${why}.`, {
    remedy: "Copy what is needed into the template, or have the host allowed in the installation's configuration.",
  });
}
