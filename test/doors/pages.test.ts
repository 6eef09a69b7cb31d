import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { expect, test } from "vitest";
import worker from "../../src/worker.ts";
import { Browser, call, mailTo, someone } from "../support/http.ts";

const OWN = ["/your-access", "/your-account", "/change-address"];

test.each(["/sign-in", "/sign-in/sent", ...OWN])(
  "%s is one page with one heading, lets in no script but ours, and is not kept",
  async (path) => {
    const browser = await new Browser().signIn(someone());
    const { status, headers, body } = await browser.call("GET", path);
    expect(status).toBe(200);
    expect(body).toMatch(/^<!DOCTYPE html>\s*<html lang="en">/);
    expect(body.match(/<h1/g)).toHaveLength(1);
    expect(body).not.toMatch(/<script(?![^>]*src="\/assets\/)|<style| style=| on\w+=/);
    const policy = headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  },
);

test.each(OWN)("%s asks a stranger to sign in first, and leads back", async (path) => {
  const reply = await new Browser().call("GET", path);
  expect(reply.status).toBe(303);
  expect(reply.headers.get("location")).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
});

test("pages speak French to who prefers it, and to who chose it", async () => {
  const french = await new Browser({ "accept-language": "fr" }).call("GET", "/sign-in");
  expect(french.body).toContain('lang="fr"');
  const browser = await new Browser().signIn(someone());
  await browser.form("/your-account/language", { language: "fr" });
  expect((await browser.call("GET", "/your-access")).body).toContain("Vos accès");
  expect((await browser.form("/your-account/language", { language: "xx" })).status).toBe(400);
  expect((await browser.call("PATCH", "/v1/me", { language: "en" })).status).toBe(200);
  expect((await browser.call("PATCH", "/v1/me", { language: "xx" })).status).toBe(400);
  expect((await browser.call("GET", "/v1/me")).body.language).toBe("en");
});

test("what people write is text, and no markup", async () => {
  const browser = await new Browser().signIn(someone());
  await browser.call("POST", "/v1/orgs", { name: "<script>alert(1)</script>" });
  const { body } = await browser.call("GET", "/your-access");
  expect(body).toContain("&lt;script&gt;");
  expect(body).not.toContain("<script>alert");
});

test.each(["pico.css", "latchkey.css", "passkeys.js", "webauthn.js"])(
  "the asset %s is served",
  async (name) => {
    const reply = await new Browser().call("GET", `/assets/${name}`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toMatch(name.endsWith("css") ? "css" : "javascript");
  },
);

test("mails can be read on one's own machine, and nowhere else", async () => {
  const email = someone();
  await new Browser().call("POST", "/sign-in", { email });
  const { id } = await mailTo(email);
  for (const path of ["/dev/mail", `/dev/mail/${id}`, `/dev/mail/${id}/html`])
    expect((await call("GET", path)).status).toBe(404);

  const local = { ...env, DEV_MAIL: "1" } as never;
  const get = async (path: string, accept = "text/html") =>
    worker.fetch(
      new Request(`http://latchkey.test${path}`, { headers: { accept } }) as never,
      local,
      createExecutionContext(),
    );
  const list = await (await get("/dev/mail")).text();
  expect(list).toContain(email);
  expect(list).toContain(`/dev/mail/${id}`);
  const one = await (await get(`/dev/mail/${id}`)).text();
  expect(one).toMatch(/<a href="http:\/\/latchkey\.test\/sign-in\/[\w-]+\.[\w-]+\.[\w-]+">/);
  const json = await (await get(`/dev/mail/${id}`, "application/json")).json();
  expect(json).toMatchObject({ id, to: email, kind: "sign-in", text: expect.any(String) });
  expect((await get("/dev/mail/none")).status).toBe(404);
});
