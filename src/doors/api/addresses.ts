import { refuse, type Refusal } from "../../refusals.ts";
import type { Ports } from "../ports.ts";
import { unfit } from "../queues/addresses.ts";
import type { Located } from "./index.ts";

/** Why who asks is no admin of the org, by what only admins read; to a stranger there is no such org. */
export async function notAdmin(
  ports: Ports,
  { credentials, org, tree }: Located,
): Promise<Refusal | null> {
  const input = { after: "", limit: 1 };
  const read = await ports.object(tree).read({ credentials, read: "webhooks", org, input });
  return read.ok ? null : read;
}

/**
 * What is wrong with an address to which Latchkey is to go. Nobody but an admin learns of it, or has
 * names looked up.
 */
export async function wrongAddress(
  ports: Ports,
  asked: Located,
  url: string,
  pointer: string,
): Promise<Refusal | null> {
  const refused = await notAdmin(ports, asked);
  if (refused) return refused;
  const flaw = await unfit(url, ports.localAddresses);
  return flaw === null ? null : refuse("invalid", flaw, pointer);
}
