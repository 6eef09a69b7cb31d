// What pages do better with a script, and can do without: copying an id, and the zone of the clock.
(() => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  document.cookie = `tz=${timeZone};path=/;max-age=31536000;samesite=lax`;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    });
  }
  // What takes several edits goes on by itself.
  document.querySelector("form[data-continue]")?.requestSubmit();
})();
