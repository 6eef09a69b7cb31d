import { doors, type Doors } from "./doors/index.ts";
import { entrypoint } from "./doors/rpc.ts";
import type { Mailbox, MailShown, Ports } from "./doors/ports.ts";
import type { Accounts } from "./doors/who/accounts.ts";
import { buryMails, rendered, sendMails, type MailPorts } from "./doors/queues/mail.ts";
import { deliver, type WebhookPorts } from "./doors/queues/webhooks.ts";
import { logFault } from "./kit/log.ts";
import type { AccessMap, MapEnv } from "./objects/access-map.ts";
import * as accounts from "./store/accounts.ts";
import * as addresses from "./store/address-changes.ts";
import * as passkeys from "./store/passkeys.ts";
import {
  allocateOrg,
  findUser,
  issuersOf,
  platformRoleOf,
  receiverOfShare,
  treeOfOrg,
  treesBehind,
  treesOfUser,
  usersFor,
} from "./store/outside.ts";
import {
  buryMail,
  claimMail,
  findMail,
  latestMails,
  setSubscribed,
  settleMail,
  sweepMails,
  type MailInRecord,
} from "./store/mails.ts";
import { treesWaiting } from "./store/outbox.ts";
import { forgetSettled } from "./store/retention.ts";
import { claimDelivery, dueDeliveries, hasDelivered, settleDelivery } from "./store/webhooks.ts";

export { AccessMap } from "./objects/access-map.ts";

export interface Env extends MapEnv {
  readonly DB: D1Database;
  readonly ACCESS_MAP: DurableObjectNamespace<AccessMap>;
  /** The platform's key: it may do everything, for anyone. A secret. */
  readonly LATCHKEY_ROOT_KEY: string;
  readonly EMAIL: SendEmail;
  /** "1" lets webhooks go to http and to this machine: in local use only. */
  readonly LOCAL_ADDRESSES?: string;
  /** The address from which mails come. */
  readonly MAIL_FROM: string;
  /** Where the world reaches Latchkey. */
  readonly ORIGIN: string;
  readonly SIGN_INS_BY_ADDRESS: RateLimit;
  readonly SIGN_INS_BY_NETWORK: RateLimit;
  /** "1" on one's own machine: mails can be read at /dev/mail. */
  readonly DEV_MAIL?: string;
  /** Style sheets and scripts. */
  readonly ASSETS: Fetcher;
}

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

/** The trees of orgs never change, so what was found once is kept; what was not found is not. */
const trees = new Map<number, number>();
const TREES_MAX = 50_000;

function portsOf(env: Env): Ports {
  return {
    rootKey: env.LATCHKEY_ROOT_KEY,
    issuersOf: (issuer, tree) => issuersOf(env.DB, issuer, tree),
    localAddresses: env.LOCAL_ADDRESSES === "1",
    origin: env.ORIGIN,
    accounts: accountsOf(env),
    mailbox: env.DEV_MAIL === "1" ? mailboxOf(env) : null,
    asset: (request) => env.ASSETS.fetch(request),
    object: (tree) => env.ACCESS_MAP.getByName(String(tree)),
    async treeOf(org) {
      const known = trees.get(org);
      if (known !== undefined) return known;
      const found = await treeOfOrg(env.DB, org);
      if (found !== undefined && trees.size < TREES_MAX) trees.set(org, found);
      return found;
    },
    allocateOrg: (tree, request) => allocateOrg(env.DB, tree, request, Date.now()),
    async person(alias) {
      if (!alias.includes("@")) return (await findUser(env.DB, alias)) ?? null;
      const email = alias.toLowerCase();
      if (!EMAIL.test(email)) return null;
      const id = (await usersFor(env.DB, [email], Date.now()))[email];
      return id === undefined ? null : { id, email };
    },
    platformRole: (user) => platformRoleOf(env.DB, user),
    setSubscribed: (of, wanted) => setSubscribed(env.DB, of, wanted, Date.now()),
    treesOf: (user) => treesOfUser(env.DB, user),
    receiverOf: (share) => receiverOfShare(env.DB, share),
    async healthy() {
      return (await env.DB.prepare(`select count(*) as n from trees`).first()) !== null;
    },
  };
}

function accountsOf(env: Env): Accounts {
  const { DB: db } = env;
  const now = () => Date.now();
  /** A mail that the queue does not take waits for the next sweep. */
  const post = (mails: readonly string[]) =>
    env.MAIL_QUEUE.sendBatch(mails.map((body) => ({ body }))).catch((error: unknown) =>
      logFault("mail queue", error),
    );
  const limits = { address: env.SIGN_INS_BY_ADDRESS, network: env.SIGN_INS_BY_NETWORK };
  return {
    async askSignIn(asked) {
      const mail = `mail_${asked.id}`;
      const made = await accounts.askSignIn(db, asked, mail, now());
      if (made) await post([mail]);
      return made;
    },
    takeSignIn: (id, browser) => accounts.takeSignIn(db, id, browser, now()),
    takeInvitation: (invitation) => accounts.takeInvitation(db, invitation, now()),
    prove: (email) => accounts.proveAddress(db, email, now()),
    openSession: (made) => accounts.openSession(db, made, now()),
    session: (hash) => accounts.findSession(db, hash, now()),
    slide: (id, expiresAt) => accounts.slideSession(db, id, now(), expiresAt),
    strengthen: (id) => accounts.strengthenSession(db, id, now()),
    sessions: (user) => accounts.sessionsOf(db, user, now()),
    endSession: (user, id) => accounts.endSession(db, user, id),
    endSessions: (user) => accounts.endSessions(db, user),
    setLanguage: (user, language) => accounts.setLanguage(db, user, language),
    addChallenge: (challenge, expiresAt) => passkeys.addChallenge(db, challenge, expiresAt),
    takeChallenge: (challenge) => passkeys.takeChallenge(db, challenge, now()),
    passkeys: (user) => passkeys.passkeysOf(db, user),
    passkey: (id) => passkeys.findPasskey(db, id),
    addPasskey: (made, max) => passkeys.addPasskey(db, made, max, now()),
    usePasskey: (id, counter) => passkeys.usePasskey(db, id, counter, now()),
    removePasskey: (user, id) => passkeys.removePasskey(db, user, id),
    async askAddressChange(asked) {
      await post(await addresses.askAddressChange(db, asked, now()));
    },
    async agreeToAddress(id, email) {
      const { outcome, user, mail } = await addresses.proveAddressOf(db, id, email, now());
      if (mail !== undefined) await post([mail]);
      // What a tree cannot do now, it does when the clock next asks.
      if (user !== undefined) await follow(env, user).catch((error) => logFault("follow", error));
      return outcome;
    },
    allows: async (by, key) => (await limits[by].limit({ key })).success,
  };
}

/** Has trees follow people who changed their address: one person, or everybody. */
async function follow(env: Env, user: string | null): Promise<void> {
  for (const { tree, ...person } of await addresses.treesToFollow(env.DB, user))
    await env.ACCESS_MAP.getByName(String(tree))
      .readdress(person.user, person.email)
      .catch((error: unknown) => logFault("follow", error));
}

/** What waits so long was lost by a queue or an alarm; what was claimed so long ago, by a crash. */
const WAITING_MS = 30_000;
const CLAIMED_MS = 120_000;
const MESSAGES_AT_ONCE = 100;
const DUE_AT_ONCE = 1_000;
/** The queue's own message of a delivery comes first. */
const EARLIEST_MS = 5_000;

function mailboxOf(env: Env): Mailbox {
  const shown = async (mail: MailInRecord): Promise<MailShown> => {
    const { id, email: to, kind, status } = mail;
    const at = new Date(mail.at).toISOString();
    return { id, to, kind, status, at, ...(await mailPortsOf(env).render(mail)) };
  };
  return {
    latest: async (limit) => Promise.all((await latestMails(env.DB, limit)).map(shown)),
    async one(id) {
      const mail = await findMail(env.DB, id);
      return mail && shown(mail);
    },
  };
}

function mailPortsOf(env: Env): MailPorts {
  return {
    claim: (id) => claimMail(env.DB, id, Date.now()),
    settle: (mail, outcome) => settleMail(env.DB, mail, outcome, Date.now()),
    render: (mail) => rendered(mail, env.ORIGIN, env.LATCHKEY_ROOT_KEY),
    bury: (id) => buryMail(env.DB, id, Date.now()),
    send: (message) =>
      env.EMAIL.send({ from: { name: "Latchkey", email: env.MAIL_FROM }, ...message }),
  };
}

function webhookPortsOf(env: Env): WebhookPorts {
  return {
    rootKey: env.LATCHKEY_ROOT_KEY,
    local: env.LOCAL_ADDRESSES === "1",
    claim: (id, until) => claimDelivery(env.DB, id, Date.now(), until),
    settle: (id, attempt, then) => settleDelivery(env.DB, id, attempt, then),
    hasDelivered: (webhook, since) => hasDelivered(env.DB, webhook, since),
    disable: (tree, webhook, because) =>
      env.ACCESS_MAP.getByName(String(tree)).disableWebhook(webhook, because),
    again: async (id, delaySeconds) => void (await env.WEBHOOK_QUEUE.send(id, { delaySeconds })),
  };
}

/** What alarms and queues may have missed: trees with something to tell, and mails that wait. */
async function sweep(env: Env): Promise<void> {
  const before = Date.now() - CLAIMED_MS;
  const waiting = Date.now() - WAITING_MS;
  const mails = await sweepMails(env.DB, { waiting, claimed: before });
  for (let from = 0; from < mails.length; from += MESSAGES_AT_ONCE)
    await env.MAIL_QUEUE.sendBatch(
      mails.slice(from, from + MESSAGES_AT_ONCE).map((body) => ({ body })),
    );
  const due = await dueDeliveries(env.DB, Date.now() - EARLIEST_MS, DUE_AT_ONCE);
  for (let from = 0; from < due.length; from += MESSAGES_AT_ONCE)
    await env.WEBHOOK_QUEUE.sendBatch(
      due.slice(from, from + MESSAGES_AT_ONCE).map((body) => ({ body })),
    );
  for (const tree of await treesWaiting(env.DB, waiting))
    await env.ACCESS_MAP.getByName(String(tree))
      .drain()
      .catch((error: unknown) => logFault("drain", error));
  for (const tree of await treesBehind(env.DB, waiting))
    await env.ACCESS_MAP.getByName(String(tree))
      .keepTime()
      .catch((error: unknown) => logFault("time", error));
  await follow(env, null);
  await addresses.settleFollowed(env.DB, before, Date.now());
  await accounts.forgetExpired(env.DB, Date.now());
  if (new Date().getUTCMinutes() === 0) await forgetSettled(env.DB, Date.now());
}

const OF_CHECKS = /^https?:\/\/[^/]+\/(?:orgs\/[^/]+\/)?(?:access\/v1\/|\.well-known\/)/;

/** What other Workers bind to. */
export class Latchkey extends entrypoint(portsOf) {}

let opened: (Doors & { readonly env: Env }) | undefined;

const CONSUMERS: Readonly<
  Record<string, (batch: MessageBatch<string>, env: Env) => Promise<void>>
> = {
  "latchkey-mail": (batch, env) => sendMails(batch, mailPortsOf(env)),
  "latchkey-webhooks": (batch, env) => deliver(batch, webhookPortsOf(env)),
  "latchkey-mail-dead": (batch, env) => buryMails(batch, mailPortsOf(env)),
};

export default {
  async fetch(request, env, ctx) {
    if (opened?.env !== env) opened = { env, ...doors(portsOf(env)) };
    const door = OF_CHECKS.test(request.url) ? opened.checks : opened.rest;
    const response = await door.fetch(request, env, ctx);
    const requestId = request.headers.get("x-request-id");
    if (requestId !== null) response.headers.set("x-request-id", requestId);
    return response;
  },
  async queue(batch, env) {
    const consume = CONSUMERS[batch.queue];
    if (consume) await consume(batch, env);
  },
  scheduled: (_, env) => sweep(env),
} satisfies ExportedHandler<Env, string>;
