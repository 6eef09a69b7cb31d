// Passkeys in the browser. Buttons that need this are hidden until it runs.
for (const alert of document.querySelectorAll("[data-passkey-error]")) alert.hidden = true;
