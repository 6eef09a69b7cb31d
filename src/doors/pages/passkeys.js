// Passkeys in the browser. What needs this is hidden until it runs.
(() => {
  const { startAuthentication, startRegistration } = globalThis.SimpleWebAuthnBrowser;

  async function post(path, body) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error((await response.json()).detail);
    return response.json();
  }

  const ACTS = {
    async "sign-in"() {
      const optionsJSON = await post("/sign-in/passkey/options", {});
      await post("/sign-in/passkey", { response: await startAuthentication({ optionsJSON }) });
    },
    async register() {
      const optionsJSON = await post("/v1/me/passkeys/options", {});
      const response = await startRegistration({ optionsJSON });
      const name = document.getElementById("passkey-name").value.trim();
      await post("/v1/me/passkeys", { ...(name === "" ? {} : { name }), response });
    },
  };

  if (!globalThis.PublicKeyCredential) return;
  for (const field of document.querySelectorAll("[data-passkey-field]")) field.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await ACTS[button.dataset.passkey]();
        location.assign(button.dataset.next);
      } catch {
        for (const alert of document.querySelectorAll("[data-passkey-error]")) alert.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
