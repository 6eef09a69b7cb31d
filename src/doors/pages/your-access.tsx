import { isRefusal, malformed } from "../../refusals.ts";
import { accessOf, ownEdit, type OwnAct } from "../api/me.ts";
import type { Page } from "./page.ts";

const ACTS: readonly string[] = ["accept", "decline", "leave"] satisfies OwnAct[];

type Item = Extract<Awaited<ReturnType<typeof accessOf>>, { ok: true }>["value"][number];

const actsOn = (item: Item): readonly OwnAct[] =>
  item.status === "pending" ? ["accept", "decline"] : item.status === "active" ? ["leave"] : [];

/** All that a person has access to, and what waits for their answer: a lost mail is no dead end. */
export const yourAccessPage: Page = {
  path: "/your-access",
  async show({ ports, session, text: { pages } }) {
    const found = await accessOf(ports, session.user);
    if (!found.ok) return found;
    const items = found.value.toSorted(
      (a, b) => Number(b.status === "pending") - Number(a.status === "pending"),
    );
    const scopeShown = (scope: Item["scope"]): string => {
      if (scope === null) return "";
      if ("all" in scope) return pages.everything;
      return "tags" in scope
        ? `${pages.tagged} ${scope.tags.join(", ")}`
        : scope.resources.join(", ");
    };
    return {
      title: pages.yourAccess,
      body:
        items.length === 0 ? (
          <p>{pages.noAccess}</p>
        ) : (
          <div class="scrolls">
            <table>
              <thead>
                <tr>
                  {[
                    pages.organisation,
                    pages.role,
                    pages.scope,
                    pages.state,
                    pages.until,
                    pages.actions,
                  ].map((name) => (
                    <th scope="col">{name}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <tr id={item.id}>
                    <th scope="row">
                      {item.kind === "member" && item.status === "active" ? (
                        <a href={`/${item.org.id}/settings`}>{item.org.name}</a>
                      ) : (
                        item.org.name
                      )}
                      {item.via && ` (${pages.by} ${item.via.name})`}
                    </th>
                    <td>{item.role}</td>
                    <td>{scopeShown(item.scope)}</td>
                    <td>{pages.states[item.status] ?? item.status}</td>
                    <td>{item.expiresAt?.slice(0, 10) ?? pages.noEnd}</td>
                    <td>
                      {actsOn(item).map((act) => (
                        <form method="post" action="/your-access">
                          <input type="hidden" name="access" value={item.id} />
                          <button
                            type="submit"
                            name="act"
                            value={act}
                            class={act === "accept" ? "" : "secondary"}
                            aria-label={`${pages[act]}: ${item.org.name}`}
                          >
                            {pages[act]}
                          </button>
                        </form>
                      ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ),
    };
  },
  async act({ ports, credentials }, { access = "", act = "" }) {
    if (!ACTS.includes(act)) return malformed("Accept, decline or leave.");
    const found = await ownEdit(ports, access, act as OwnAct);
    if (isRefusal(found)) return found;
    const done = await ports
      .object(found.tree)
      .perform({ credentials, edits: [found.edit], mode: "all" });
    if (!done.ok) return done;
    const refused = done.value.results.find(isRefusal);
    return refused ?? { next: "/your-access" };
  },
};
