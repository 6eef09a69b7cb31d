import type { Child } from "hono/jsx";
import { malformed, type Refusal } from "../../../refusals.ts";
import { IMPORT_MAX } from "../../body.ts";
import type { RowResult } from "../../api/import.ts";
import type { OrgVisit, Section } from "../kit/settings.tsx";
import { Problem } from "../kit/form.tsx";
import { fill } from "../kit/words.tsx";
import { HERE } from "../layout.tsx";
import type { Fields, Outcome } from "../page.ts";

/** A file is held whole while it is read: larger ones go to the API. */
const FILE_MAX = IMPORT_MAX / 2;

const EXAMPLE = "type,id,name,tags\nsite,hq,Headquarters,North;HQ";

function importForm(visit: OrgVisit, fields: Fields = {}, refusal?: Refusal): Outcome {
  const { words, here } = visit;
  const said = words.import;
  return {
    title: said.title,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>{said.how}</p>
        <pre>
          <code>{EXAMPLE}</code>
        </pre>
        <p>{said.again}</p>
        <form method="post" action={here("resources/import")} enctype="multipart/form-data">
          {refusal && <Problem visit={visit} refusal={refusal} />}
          <div class="field">
            <label for="f-file">{said.file}</label>
            <input
              type="file"
              id="f-file"
              name="file"
              accept=".csv,.ndjson,.jsonl,text/csv"
              aria-describedby="f-file-hint"
            />
            <small id="f-file-hint">{fill(said.fileHow, { max: FILE_MAX / 1024 / 1024 })}</small>
          </div>
          <div class="field">
            <label for="f-text">{said.text}</label>
            <textarea id="f-text" name="text" rows={8}>
              {fields["text"] ?? ""}
            </textarea>
          </div>
          <p class="buttons">
            <button type="submit">{words.resources.import}</button>
          </p>
        </form>
      </>
    ),
  };
}

const SHOWN_AT_ONCE = 500;
const ERRORS_SHOWN = 1_000;

/** The page of an import as it goes on. A bar after another takes its place. */
async function importing(visit: OrgVisit, text: string): Promise<Outcome> {
  const { api, at, words, here } = visit;
  const said = words.import;
  const isCsv = !text.trimStart().startsWith("{");
  const type = isCsv ? "text/csv" : "application/x-ndjson";
  const rows = text.split("\n").filter((line) => line.trim() !== "").length - Number(isCsv);
  const results = await api.lines<RowResult>(`${at}/resources/import`, type, text);
  if (!results.ok) return importForm(visit, {}, results);
  return {
    title: said.title,
    flow: flow(visit, results.value, rows),
    body: (
      <>
        <div class="import" role="status">
          {HERE}
        </div>
        <p class="buttons">
          <a href={here("resources")} role="button">
            {words.sections.resources}
          </a>
          <a href={here("resources/import")} role="button" class="secondary">
            {said.more}
          </a>
        </p>
      </>
    ),
  };
}

async function* flow(
  visit: OrgVisit,
  results: AsyncIterable<RowResult>,
  rows: number,
): AsyncGenerator<Child> {
  const { words } = visit;
  let [done, refused] = [0, 0];
  let wrong: Child[] = [];
  const bar = () => (
    <progress value={done} max={Math.max(rows, done, 1)} aria-label={words.import.title} />
  );
  yield bar();
  for await (const result of results) {
    done += 1;
    if (result.status >= 400 && ++refused <= ERRORS_SHOWN)
      wrong.push(<Wrong visit={visit} of={result} />);
    if (done % SHOWN_AT_ONCE > 0) continue;
    yield (
      <>
        {wrong}
        {bar()}
      </>
    );
    wrong = [];
  }
  yield (
    <>
      {wrong}
      {bar()}
      <p class="notice">{fill(words.import.done, { taken: done - refused, refused })}</p>
      {refused > ERRORS_SHOWN && <p>{fill(words.scope.more, { n: refused - ERRORS_SHOWN })}</p>}
    </>
  );
}

/** Why a row was not taken. */
const Wrong = ({ visit: { text, words }, of }: { visit: OrgVisit; of: RowResult }) => (
  <p class="problem">
    {fill(words.import.row, { n: of.row })} {text.problems[of.code as keyof typeof text.problems]}.{" "}
    <span lang="en">
      {of.detail} {of.errors?.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" ")}
    </span>
  </p>
);

export const importSections: readonly Section[] = [
  {
    section: "resources",
    path: "resources/import",
    admins: true,
    inside: true,
    max: FILE_MAX,
    show: (visit) => importForm(visit),
    act(visit, fields) {
      const text = fields["file"]?.trim() ? fields["file"] : (fields["text"] ?? "");
      return text.trim() === ""
        ? importForm(visit, fields, malformed(visit.words.import.nothing))
        : importing(visit, text);
    },
  },
];
