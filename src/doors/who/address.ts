import { nanoid } from "nanoid";
import { refuse, type Refusal } from "../../refusals.ts";
import { textFor } from "../../text/index.ts";
import type { Ctx, Ports } from "../ports.ts";
import type { Person, Session } from "./accounts.ts";
import { tooOften } from "./limits.ts";
import { ADDRESS_MS, originFor } from "./links.ts";

/** A person wants another address: both get a mail, and both must agree. */
export async function changeAddress(
  c: Ctx,
  ports: Ports,
  { id, email }: Person,
  session: Session | undefined,
  to: string,
): Promise<Refusal | null> {
  if (to === email) return refuse("invalid", "This is your address already.", "/email");
  const refused = (await tooOften(c, ports, `by ${id}`)) ?? (await tooOften(c, ports, to));
  if (refused) return refused;
  const { language } = textFor(session?.language ?? c.req.header("accept-language"));
  await ports.accounts.askAddressChange({
    id: `adr_${nanoid()}`,
    user: id,
    from: email,
    to,
    session: session?.id ?? null,
    expiresAt: Date.now() + ADDRESS_MS,
    data: { origin: originFor(ports.origin, c.req.url), language },
  });
  return null;
}
