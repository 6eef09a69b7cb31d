import { promises as dns } from "node:dns";
import ipaddr from "ipaddr.js";

/*
 * Where webhooks may go: out, and not back in. A name is looked up when an endpoint is made and before
 * each delivery; one that resolves anew between that look and the connection (rebinding) is left to
 * the network of a Worker, which reaches no private address.
 */

const RESERVED =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|onion|arpa)$/i;

/** Is it an address of the public internet? Mapped and tunnelled ones are judged by what they hold. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === "unicast";
}

/** What is wrong with an address by its text alone; `null` when nothing is. */
export function flawOf(url: string, local: boolean): string | null {
  if (!URL.canParse(url)) return "This is no address.";
  const { protocol, hostname, username, password } = new URL(url);
  if (username || password) return "An address carries no user or password.";
  if (local) return /^https?:$/.test(protocol) ? null : "The address must be http or https.";
  if (protocol !== "https:") return "The address must be https.";
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (ipaddr.isValid(host)) return isPublic(host) ? null : "The address is not a public one.";
  return !host.includes(".") || RESERVED.test(host) ? "The address is not a public one." : null;
}

const LOOKUP_MS = 3_000;

/** Does a name lead to an address that is not public? `null` when it cannot be looked up. */
export async function leadsIn(url: string): Promise<boolean | null> {
  const { hostname } = new URL(url);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), LOOKUP_MS));
  const lookup = Promise.allSettled([dns.resolve4(hostname), dns.resolve6(hostname)]).then(
    (found) => {
      const addresses = found.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      return addresses.length === 0 ? null : !addresses.every(isPublic);
    },
  );
  return Promise.race([lookup, late]);
}
