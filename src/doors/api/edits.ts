import type { Edit } from "../../commands/index.ts";
import { isRefusal, malformed, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { formErrors } from "../problem.ts";
import { EDIT_ROUTES } from "./routes/index.ts";
import type { EditRoute, Params } from "./routes/route.ts";
import * as form from "./schemas.ts";

export const readOrg = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;

/** The parts of paths that are names, which a request may give. */
const NAMES = { type: form.typeName, set: form.setName, library: form.libraryName };

/** The edit that a request asks for, or what is wrong with its form. */
export function editOf(entry: EditRoute, params: Params, body: unknown): Edit | Refusal {
  const org = readOrg(params["org"]);
  if (org === undefined) return NOT_FOUND;
  if (entry.path.includes("/:type/")) {
    const id = form.resourceId.safeParse(params["id"]);
    if (!id.success) return formErrors(id.error, "/id");
  }
  for (const [name, named] of Object.entries(NAMES))
    if (params[name] !== undefined && !named.safeParse(params[name]).success)
      return malformed(`No name of a ${name}.`);
  const read = entry.body.safeParse(body);
  return read.success ? entry.edit(org, params, read.data as never) : formErrors(read.error);
}

const patterns = EDIT_ROUTES.filter((entry) => !entry.alone).map((entry) => ({
  entry,
  pattern: new URLPattern({ pathname: entry.path }),
}));

/** One item of a batch: a request of the table above, by method and path. */
interface Item {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The edits of a batch, or what is wrong with the first that has not the form that it must have. */
export function editsOfItems(items: readonly Item[]): Edit[] | Refusal {
  const edits: Edit[] = [];
  for (const [index, item] of items.entries()) {
    const edit = editOfItem(item);
    if (isRefusal(edit)) {
      const where = edit.errors
        ? edit.errors.map((error) => ({
            ...error,
            pointer: `/edits/${index}/body${error.pointer}`,
          }))
        : [{ pointer: `/edits/${index}`, detail: edit.detail }];
      return { ...edit, errors: where };
    }
    edits.push(edit);
  }
  return edits;
}

export function editOfItem(item: Item): Edit | Refusal {
  for (const { entry, pattern } of patterns) {
    if (entry.method !== item.method) continue;
    const groups = pattern.exec({ pathname: item.path })?.pathname.groups;
    if (!groups) continue;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(groups)) {
      const decoded = decode(value ?? "");
      if (decoded === undefined) return malformed("The path is malformed.");
      params[name] = decoded;
    }
    return editOf(entry, params, item.body);
  }
  return malformed(`A batch knows no ${item.method} ${item.path}.`);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
