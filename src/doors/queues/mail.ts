import { logFault } from "../../kit/log.ts";
import { htmlOf, textOf } from "../mail/layout.tsx";
import { wordsOf, type MailRow } from "../mail/words.ts";

/** A mail that was claimed. */
export interface Mail extends MailRow {
  /** How often it was claimed, this time included. */
  readonly attempts: number;
}

export type MailOutcome =
  | { readonly status: "sent"; readonly messageId: string }
  /** To be tried again, not before an instant: the claim is given back. */
  | { readonly status: "queued"; readonly error: string; readonly nextAt: number }
  | { readonly status: "failed" | "suppressed" | "uncertain"; readonly error: string };

/** What the consumer of mails needs; `worker.ts` gives it. */
export interface MailPorts {
  /** Claims a mail that is due: `null` when it is somebody else's, settled, or not due yet. */
  claim(id: string): Promise<Mail | null>;
  /** What a mail says; the same, however often it is asked. */
  render(mail: MailRow): Promise<Rendered>;
  settle(mail: Mail, outcome: MailOutcome): Promise<void>;
  /** Gives up a mail that waits. */
  bury(id: string): Promise<void>;
  send(message: { to: string } & Rendered): Promise<{ messageId: string }>;
}

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a mail says: the same for the same row, so that it can be shown again. */
export async function rendered(mail: MailRow, origin: string, rootKey: string): Promise<Rendered> {
  const words = await wordsOf(mail, origin, rootKey);
  return {
    subject: words.subject,
    text: textOf(words),
    html: await htmlOf(words),
    headers: {
      "X-Latchkey-Mail": mail.id,
      ...(words.unsubscribe
        ? {
            "List-Unsubscribe": `<${words.unsubscribe.url}>`,
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
          }
        : {}),
    },
  };
}

/** The errors of the mail service that are worth another try, and the one that never will be. */
const RETRYABLE = ["E_RATE_LIMIT_EXCEEDED", "E_INTERNAL_SERVER_ERROR"];
const RETRYABLE_LATER = ["E_DAILY_LIMIT_EXCEEDED"];
const SUPPRESSED = "E_RECIPIENT_SUPPRESSED";

const FIRST_RETRY_S = 10;
const LAST_RETRY_S = 3_600;

/** How long a mail waits before its next try: doubling, with jitter so that tries spread. */
export const retryDelayS = (attempts: number, random: number): number =>
  Math.round(Math.min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** (attempts - 1)) * (0.75 + random / 2));

/**
 * Sends mails. Each is claimed before it is sent and settled after: a message that comes again finds
 * nothing to claim, and a claim that was never settled is not sent again by itself. A fault with one
 * mail leaves the others of the batch alone.
 */
export async function sendMails(batch: MessageBatch<string>, ports: MailPorts): Promise<void> {
  for (const message of batch.messages) {
    try {
      const mail = await ports.claim(message.body);
      const outcome = mail && (await trySending(mail, ports));
      if (mail && outcome) await settle(mail, outcome, ports);
      if (outcome?.status === "queued")
        message.retry({ delaySeconds: Math.ceil((outcome.nextAt - Date.now()) / 1_000) });
      else message.ack();
    } catch (error) {
      logFault("mail queue", error);
      message.retry({ delaySeconds: retryDelayS(message.attempts, Math.random()) });
    }
  }
}

/** The end of a mail for which no retry is left. */
export async function buryMails(batch: MessageBatch<string>, ports: MailPorts): Promise<void> {
  for (const message of batch.messages) {
    await ports.bury(message.body);
    message.ack();
  }
}

const SETTLE_TRIES = 3;

/** Settling the same outcome twice is settling it once; without it a sent mail would be uncertain. */
async function settle(mail: Mail, outcome: MailOutcome, ports: MailPorts): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await ports.settle(mail, outcome);
    } catch (error) {
      if (tries === SETTLE_TRIES) throw error;
    }
  }
}

async function trySending(mail: Mail, ports: MailPorts): Promise<MailOutcome> {
  let message: Rendered;
  try {
    message = await ports.render(mail);
  } catch (error) {
    logFault("mail text", error);
    return { status: "failed", error: String(error) };
  }
  try {
    const { messageId } = await ports.send({ to: mail.email, ...message });
    return { status: "sent", messageId };
  } catch (fault) {
    const { code = "", message: says } = fault as { code?: string; message: string };
    const error = `${code} ${says}`.trim();
    if (code === SUPPRESSED) return { status: "suppressed", error };
    const later = RETRYABLE_LATER.includes(code);
    if (later || RETRYABLE.includes(code)) {
      const delay = later ? LAST_RETRY_S : retryDelayS(mail.attempts, Math.random());
      return { status: "queued", error, nextAt: Date.now() + delay * 1_000 };
    }
    logFault("mail", fault);
    // The service says by a code that it did not take a mail; a call that was lost says nothing.
    return { status: code === "" ? "uncertain" : "failed", error };
  }
}
