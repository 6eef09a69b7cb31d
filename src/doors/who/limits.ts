import { refuse, type Refusal } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";

const PERIOD_S = 60;

export const TOO_OFTEN: Refusal = {
  ...refuse("rate_limited", "Too many attempts; please try again in a while."),
  retryAfter: PERIOD_S,
};

/** Who has a network of IPv6 has all the addresses of its /64. */
const networkOf = (ip: string): string =>
  ip.includes(":") ? `${ip.split(":").slice(0, 4).join(":")}::/64` : ip;

/** Every way of guessing and of making mails go out is limited: by network, and by address. */
export async function tooOften(c: Ctx, ports: Ports, email?: string): Promise<Refusal | null> {
  const ip = c.req.raw.headers.get("cf-connecting-ip");
  const within =
    (ip === null || (await ports.accounts.allows("network", networkOf(ip)))) &&
    (email === undefined || (await ports.accounts.allows("address", email)));
  return within ? null : TOO_OFTEN;
}
