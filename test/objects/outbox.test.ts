import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { newMember, newOrg } from "../support/http.ts";

const DB = (env as unknown as { DB: D1Database }).DB;

async function until<T>(ask: () => Promise<T | null | undefined>): Promise<T> {
  for (let n = 0; n < 100; n++) {
    const found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not come");
}

test("[R33] an invitation and its mail exist together, and the mail is sent once", async () => {
  const org = await newOrg("Mailing");
  const { email } = await newMember(org.at);
  const mail = await until(() =>
    DB.prepare(`select * from mails where email = ? and status = 'sent'`).bind(email).first(),
  );
  expect(mail).toMatchObject({ kind: "member.invited", attempts: 1, org: org.id });
});
