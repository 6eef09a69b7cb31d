import { sentence, type EventName } from "../../events.ts";
import { logFault } from "../../kit/log.ts";
import { textFor } from "../../text/index.ts";
import { linkOf } from "../who/links.ts";

/** A mail as the record has it. */
export interface Mail {
  readonly id: string;
  readonly org: number | null;
  readonly user: string | null;
  readonly email: string;
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
  readonly attempts: number;
}

export type MailOutcome =
  | { readonly status: "sent"; readonly messageId: string }
  /** To be tried again: the claim is given back. */
  | { readonly status: "queued"; readonly error: string }
  | { readonly status: "failed" | "suppressed"; readonly error: string };

/** What the consumer of mails needs; `worker.ts` gives it. */
export interface MailPorts {
  /** Claims a mail that waits: `null` when it is somebody else's, or settled. */
  claim(id: string): Promise<Mail | null>;
  /** What a mail says; the same, however often it is asked. */
  render(mail: Mail): Promise<Rendered>;
  settle(id: string, outcome: MailOutcome): Promise<void>;
  /** Gives up a mail that waits. */
  bury(id: string): Promise<void>;
  send(message: { to: string; subject: string; text: string }): Promise<{ messageId: string }>;
}

/** The errors of the mail service that are worth another try, and the one that never will be. */
const RETRYABLE = ["E_RATE_LIMIT_EXCEEDED", "E_DAILY_LIMIT_EXCEEDED", "E_INTERNAL_SERVER_ERROR"];
const SUPPRESSED = "E_RECIPIENT_SUPPRESSED";

const FIRST_RETRY_S = 10;
const LAST_RETRY_S = 3_600;

/** How long a mail waits before its next try: doubling, with jitter so that tries spread. */
export const retryDelayS = (attempts: number, random: number): number =>
  Math.round(Math.min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** (attempts - 1)) * (0.75 + random / 2));

/**
 * Sends mails. Each is claimed before it is sent and settled after: a message that comes again finds
 * nothing to claim, and a claim that was never settled is not sent again by itself.
 */
export async function sendMails(batch: MessageBatch<string>, ports: MailPorts): Promise<void> {
  for (const message of batch.messages) {
    const mail = await ports.claim(message.body);
    if (!mail) {
      message.ack();
      continue;
    }
    const outcome = await trySending(mail, ports);
    await ports.settle(mail.id, outcome);
    if (outcome.status === "queued")
      message.retry({ delaySeconds: retryDelayS(message.attempts, Math.random()) });
    else message.ack();
  }
}

/** The end of a mail for which no retry is left. */
export async function buryMails(batch: MessageBatch<string>, ports: MailPorts): Promise<void> {
  for (const message of batch.messages) {
    await ports.bury(message.body);
    message.ack();
  }
}

async function trySending(mail: Mail, ports: MailPorts): Promise<MailOutcome> {
  try {
    const { messageId } = await ports.send({ to: mail.email, ...(await ports.render(mail)) });
    return { status: "sent", messageId };
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    if (!RETRYABLE.includes(code)) logFault("mail", error);
    const status = RETRYABLE.includes(code)
      ? "queued"
      : code === SUPPRESSED
        ? "suppressed"
        : "failed";
    return { status, error: `${code} ${message}`.trim() };
  }
}

export interface Rendered {
  readonly subject: string;
  readonly text: string;
}

/** What a mail says: the same for the same row, so that it can be shown again. */
export async function rendered(mail: Mail, origin: string, rootKey: string): Promise<Rendered> {
  const facts = JSON.parse(mail.data) as Record<string, string>;
  const link = await linkOf(mail, origin, rootKey);
  const { mails, addressMails } = textFor(facts["language"]);
  const own = mail.kind === "sign-in" ? mails.signIn : addressMails[mail.kind];
  if (own) {
    const [first, ...more] = own.lines.map((line) =>
      line.replace(/\{(\w+)\}/g, (_, field: string) => facts[field] ?? ""),
    );
    const said = [first, link, ...more].filter((part) => part != null);
    return { subject: own.subject, text: said.join("\n\n") };
  }
  const subject = sentence(mail.kind as EventName, facts);
  return { subject, text: link === null ? subject : `${subject}\n\n${link}` };
}
