import type { TrustedIssuer } from "./who/issuers.ts";
import type { AccessMapRpc } from "../commands/rpc.ts";
import type { PlatformWide } from "../commands/standing.ts";
import type { Context } from "hono";
import type { Accounts } from "./who/accounts.ts";

/** What doors need of the house; `worker.ts` gives it to them. */
export interface Ports {
  readonly rootKey: string;
  /** The orgs that trust an issuer of bearer tokens. */
  issuersOf(issuer: string, tree: number | undefined): Promise<readonly TrustedIssuer[]>;
  /** May webhooks and keys of issuers lie at http and on this machine? In local use only. */
  readonly localAddresses: boolean;
  /** Where the world reaches Latchkey: the origin of the links in mails. */
  readonly origin: string;
  readonly accounts: Accounts;
  /** The object of a tree. */
  object(tree: number): AccessMapRpc;
  treeOf(org: number): Promise<number | undefined>;
  /** A new org number; the same request within a day is given the same one. */
  allocateOrg(tree: number | null, request: string | null): Promise<number>;
  /** The user of an address, made if need be; `null` when a user id is unknown. */
  person(alias: string): Promise<{ id: string; email: string } | null>;
  /** The role over all orgs that a person holds on the platform. */
  platformRole(user: string): Promise<PlatformWide | undefined>;
  /** Does a person want the mails about an org that only inform? */
  setSubscribed(of: { user: string; org: number }, wanted: boolean): Promise<void>;
  treesOf(user: string): Promise<number[]>;
  receiverOf(share: string): Promise<number | undefined>;
  /** The mails of this machine; null in a deployment. */
  readonly mailbox: Mailbox | null;
  /** A style sheet or a script. */
  asset(request: Request): Promise<Response>;
  /** Does the record answer? */
  healthy(): Promise<boolean>;
}

export interface MailShown {
  readonly id: string;
  readonly to: string;
  readonly kind: string;
  readonly status: string;
  readonly at: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailbox {
  latest(limit: number): Promise<readonly MailShown[]>;
  one(id: string): Promise<MailShown | null>;
}

export type Ctx = Context;
