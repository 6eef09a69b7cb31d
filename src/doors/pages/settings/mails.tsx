import { When } from "../kit/dates.tsx";
import { Act } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import type { Outcome } from "../page.ts";

interface Mail {
  readonly id: string;
  readonly event: string;
  readonly to: string;
  readonly status: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly settledAt: string | null;
  readonly error: string | null;
}

const PATH = "mails";
const STATES = ["queued", "sending", "sent", "failed", "suppressed", "uncertain"];
/** Those that can be sent again. */
const STUCK = new Set(["failed", "uncertain", "suppressed"]);

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words } = visit;
  const stateOf = (status: string): string => words.mails.states[status] ?? status;
  const listed = await table<Mail>(visit, {
    caption: words.sections.mails,
    list: { path: `${at}/mails` },
    filters: [
      {
        key: "status",
        label: words.state,
        options: STATES.map((value) => ({ value, label: stateOf(value) })),
      },
    ],
    empty: <p>{words.mails.none}</p>,
    columns: [
      {
        key: "at",
        label: words.history.at,
        value: ({ createdAt }) => createdAt,
        cell: ({ createdAt }) => <When visit={visit} at={createdAt} />,
      },
      { key: "to", label: words.mails.to, value: ({ to }) => to },
      { key: "event", label: words.mails.about, value: ({ event }) => event },
      { key: "state", label: words.state, value: ({ status }) => stateOf(status) },
      { key: "attempts", label: words.webhooks.attempts, value: ({ attempts }) => attempts },
      {
        key: "error",
        label: words.webhooks.error,
        value: ({ error }) => error,
        cell: ({ error }) => <span lang="en">{error}</span>,
      },
    ],
    acts: ({ id, to, status }) =>
      STUCK.has(status) ? (
        <Act
          action={here(`${PATH}/${encodeURIComponent(id)}/send`)}
          label={words.shares.resend}
          about={to}
        />
      ) : (
        <></>
      ),
  });
  return "view" in listed ? { title: words.sections.mails, body: <>{listed.view}</> } : listed;
}

export const mailSections: readonly Section[] = [
  { section: "mails", path: PATH, admins: true, show: list },
  {
    section: "mails",
    path: `${PATH}/:mail/send`,
    admins: true,
    inside: true,
    async act(visit) {
      const path = `${visit.at}/mails/${encodeURIComponent(visit.param("mail"))}/send`;
      const sent = await visit.api.send("POST", path, {});
      return sent.ok ? after(visit, PATH, "queued") : sent;
    },
  },
];
