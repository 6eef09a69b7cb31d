import { malformed } from "../../../refusals.ts";
import type { Listed } from "../kit/api.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, roleLabel, scopeLabel, type ScopeShown } from "../kit/words.tsx";

interface Own {
  readonly id: string;
  readonly org: { readonly id: number; readonly name: string };
  readonly kind: string;
  readonly via?: { readonly name: string };
  readonly role: string | null;
  readonly scope: ScopeShown | null;
  readonly status: string;
  readonly resources: number;
  readonly expiresAt: string | null;
}

const PATH = "your-access";

async function show(visit: OrgVisit) {
  const { api, words, text, here } = visit;
  const { pages } = text;
  const found = await api.get<Listed<Own>>("/v1/me/access");
  if (!found.ok) return found;
  const listed = await table<Own>(visit, {
    caption: words.sections.yourAccess,
    list: { rows: found.value.items },
    empty: <p>{words.yourAccess.none}</p>,
    columns: [
      {
        key: "org",
        label: pages.organisation,
        value: ({ org, via }) => org.name + (via ? ` (${pages.by} ${via.name})` : ""),
      },
      {
        key: "kind",
        label: words.yourAccess.kind,
        value: ({ kind }) => words.yourAccess.kinds[kind] ?? kind,
      },
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      { key: "scope", label: words.which, value: ({ scope }) => scopeLabel(text, scope) },
      { key: "resources", label: words.yourAccess.resources, value: (row) => row.resources },
      { key: "status", label: words.state, value: ({ status }) => words.states[status] ?? status },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
    ],
    acts: ({ id, org, status }) =>
      (status === "pending"
        ? (["accept", "decline"] as const)
        : status === "active"
          ? (["leave"] as const)
          : []
      ).map((act) => (
        <Act
          action={here(PATH)}
          label={pages[act]}
          about={org.name}
          hidden={{ access: id, act, org: org.name }}
          strong={act === "accept"}
        />
      )),
  });
  return "view" in listed ? { title: words.sections.yourAccess, body: listed.view } : listed;
}

export const ownSections: readonly Section[] = [
  {
    section: "yourAccess",
    path: PATH,
    admins: false,
    show,
    async act(visit, fields, every) {
      const { api, words, text, here } = visit;
      const { access = "", act = "", org = "" } = fields;
      const at = `/v1/me/access/${encodeURIComponent(access)}`;
      if (act === "accept" || act === "decline") {
        const done = await api.send("POST", `${at}/${act}`, {});
        return done.ok ? after(visit, PATH, act === "accept" ? "accepted" : "declined") : done;
      }
      if (act !== "leave") return malformed("Accept, decline or leave.");
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.yourAccess.leaveTitle, { org }),
          what: <p>{words.yourAccess.leaveWhat}</p>,
          submit: text.pages.leave,
          back: here(PATH),
        },
      );
      if (asked) return asked;
      const done = await api.send("DELETE", at);
      if (!done.ok) return done;
      // This org may be the one that was left: the list of all access is still there.
      const still = await api.get(visit.at);
      return still.ok ? after(visit, PATH, "left") : { next: "/your-access" };
    },
  },
];
