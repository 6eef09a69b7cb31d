import type { Says } from "../../views/explanations.ts";
import type { LackMaterial, StepMaterial } from "../../views/materials.ts";
import { fill, type Text } from "../../text/index.ts";

/*
 * Explanations as sentences of a language. Every word is `text/`'s; here they are only put together.
 */

type Fields = Readonly<Record<string, string>>;

export function saysIn(text: Text): Says {
  const words = text.explain;
  const day = (at: number): string =>
    new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeZone: "UTC" }).format(at);
  const role = (name: string): string => {
    const short = name.replace(/^standard\./, "");
    return (text.roles as Fields)[short] ?? short;
  };

  const scope = ({ scope: said, refs }: StepMaterial): string => {
    if (!said) return words.scopes.some;
    if ("all" in said) return words.scopes.all;
    return "tags" in said
      ? fill(words.scopes.tags, { tags: said.tags.join(", ") })
      : refs.join(", ") || words.scopes.some;
  };

  const whom = ({ to, org }: StepMaterial): string => {
    if (!to) return words.to.some;
    if (to.kind === "members" || to.kind === "admins")
      return fill(words.to[to.kind], { org: org.name });
    return to.kind === "team" ? fill(words.to.team, { name: to.name }) : to.name;
  };

  const step = (one: StepMaterial): string => {
    const kind = one.kind === "rule" && one.to === null ? "partnerRule" : one.kind;
    const fields = { org: one.org.name, to: whom(one), role: role(one.role), scope: scope(one) };
    return [
      fill(words.steps[kind], fields),
      one.by !== null && one.at !== null ? fill(words.by, { by: one.by, at: day(one.at) }) : "",
      one.reason === null ? "" : fill(words.reason, { reason: one.reason }),
      one.expiresAt === null ? "" : fill(words.until, { until: day(one.expiresAt) }),
    ]
      .filter((part) => part !== "")
      .join(", ");
  };

  const path = (steps: readonly StepMaterial[]): string => `${steps.map(step).join("; ")}.`;

  const who = (of: LackMaterial["who"]): string => {
    if (!of) return "";
    if (of.kind === "person") return fill(words.who.person, { email: of.email });
    return fill(words.who[of.kind], { org: of.org.name });
  };

  return {
    path,
    lack({ action, resource, subject }, steps, lack) {
      const at = steps[lack.step ?? 0];
      const fields = {
        subject,
        action,
        resource: `${resource.type}:${resource.id}`,
        org: at?.org.name ?? "",
        role: role(at?.role ?? ""),
        scope: at ? scope(at) : "",
        until: at?.expiresAt == null ? "" : day(at.expiresAt),
        roles: (lack.roles ?? []).map(role).join(", "),
      };
      const what = lack.what === "scope" && at?.scope && "tags" in at.scope ? "tag" : lack.what;
      return [fill(words.lacks[what], fields), who(lack.who)].filter(Boolean).join(" ");
    },
    answer(found) {
      const { subject, action, resource } = found;
      const fields = { subject, action, resource: `${resource.type}:${resource.id}` };
      if (found.decision) return `${fill(words.yes, fields)} ${path(found.paths[0] ?? [])}`;
      const [nearest] = found.missing;
      const lacks = nearest?.lacks.map((lack) => this.lack(found, nearest.steps, lack)) ?? [];
      return [fill(words.no, fields), ...lacks].join(" ");
    },
  };
}
