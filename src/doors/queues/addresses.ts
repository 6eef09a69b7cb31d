import ipaddr from "ipaddr.js";

/*
 * Where webhooks may go: out, and not back in. A name is looked up when an endpoint is made and before
 * each delivery. One that resolves anew between that look and the connection (rebinding) is left to
 * the network of the Worker, which must reach the public internet alone.
 */

const RESERVED =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|onion|arpa)$/i;

/** What of IPv6 is given out to the public internet (RFC 4291 §2.4). */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/** Is it an address of the public internet? Mapped ones are judged by what they hold; tunnels are not. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const read = ipaddr.process(address);
  return read.range() === "unicast" && (read.kind() === "ipv4" || read.match(GLOBAL_UNICAST));
}

const hostOf = (url: string): string =>
  new URL(url).hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");

/** What is wrong with an address by its text alone; `null` when nothing is. */
export function flawOf(url: string, local: boolean): string | null {
  if (!URL.canParse(url)) return "This is no address.";
  const { protocol, username, password } = new URL(url);
  if (username || password) return "An address carries no user or password.";
  if (local) return /^https?:$/.test(protocol) ? null : "The address must be http or https.";
  if (protocol !== "https:") return "The address must be https.";
  const host = hostOf(url);
  if (ipaddr.isValid(host)) return isPublic(host) ? null : NOT_PUBLIC;
  return !host.includes(".") || RESERVED.test(host) ? NOT_PUBLIC : null;
}

const NOT_PUBLIC = "The address is not a public one.";
const LEADS_IN = "The name leads to an address that is not public.";
const UNKNOWN = "The name could not be looked up.";

const RESOLVER = "https://cloudflare-dns.com/dns-query";
const LOOKUP_MS = 3_000;
/** By the names of their records; what else an answer holds (aliases) is no address. */
const TYPES = { A: 1, AAAA: 28 } as const;
const FOUND = 0;
const NO_SUCH_NAME = 3;

/** What is wrong with where a name leads; `null` when nothing is. What cannot be told is wrong, too. */
export async function whereItLeads(url: string): Promise<string | null> {
  const host = hostOf(url);
  if (ipaddr.isValid(host)) return isPublic(host) ? null : NOT_PUBLIC;
  try {
    const signal = AbortSignal.timeout(LOOKUP_MS);
    const found = await Promise.all([lookUp(host, "A", signal), lookUp(host, "AAAA", signal)]);
    const addresses = found.flat();
    if (addresses.length === 0) return UNKNOWN;
    return addresses.every(isPublic) ? null : LEADS_IN;
  } catch {
    return UNKNOWN;
  }
}

/** Why Latchkey does not go to an address; `null` when it does. */
export const unfit = async (url: string, local: boolean): Promise<string | null> =>
  flawOf(url, local) ?? (local ? null : whereItLeads(url));

/** DNS over HTTPS, in JSON. */
async function lookUp(
  name: string,
  type: keyof typeof TYPES,
  signal: AbortSignal,
): Promise<string[]> {
  const response = await fetch(`${RESOLVER}?name=${encodeURIComponent(name)}&type=${type}`, {
    headers: { accept: "application/dns-json" },
    signal,
  });
  if (!response.ok) throw new Error(`the resolver answered ${response.status}`);
  const { Status: status, Answer: answer = [] } = (await response.json()) as {
    Status: number;
    Answer?: { type: number; data: string }[];
  };
  if (status !== FOUND && status !== NO_SUCH_NAME) throw new Error(`the resolver says ${status}`);
  return answer.filter((one) => one.type === TYPES[type]).map((one) => one.data);
}
