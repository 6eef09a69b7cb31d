import type { OrgVisit } from "./settings.tsx";

/** What is shown once: a secret, on the page that answers the form, which nothing keeps. */
export const Once = ({
  visit: { words },
  label,
  secret,
}: {
  visit: OrgVisit;
  label: string;
  secret: string;
}) => (
  <div role="status" class="notice">
    <p>
      {label}: <code id="secret">{secret}</code>{" "}
      <button type="button" class="outline secondary small" data-copy="secret" hidden>
        {words.copy}
      </button>
    </p>
    <p>{words.once}</p>
  </div>
);
