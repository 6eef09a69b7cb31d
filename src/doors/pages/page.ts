import type { Child } from "hono/jsx";
import type { Credentials } from "../../commands/rpc.ts";
import type { Refusal } from "../../refusals.ts";
import type { Text } from "../../text/index.ts";
import type { Ctx, Ports } from "../ports.ts";
import type { Session } from "../who/accounts.ts";
import type { Api } from "./kit/api.ts";

/** Somebody who looks at a page: in their language, perhaps signed in. */
export interface Visit {
  readonly c: Ctx;
  readonly ports: Ports;
  readonly text: Text;
  readonly session: Session | null;
}

/** Somebody who is signed in. */
export interface OwnVisit extends Visit {
  readonly session: Session;
  readonly credentials: Credentials;
  /** Our own API, as this person. */
  readonly api: Api;
}

/** What a page shows inside the layout. */
export interface Shown {
  readonly title: string;
  readonly body: Child;
  readonly status?: number;
  /** What comes while the page is read already: it takes the place of `HERE` in the body. */
  readonly flow?: AsyncGenerator<Child>;
  /** What stands before the heading, and beside the page. */
  readonly before?: Child;
  readonly aside?: Child;
  /** Scripts below /assets; without them the page works as far as forms go. */
  readonly scripts?: readonly string[];
}

/** The fields of a form, or of a JSON object in its place. */
export type Fields = Readonly<Record<string, string>>;

/** Every value of a field that may be there several times. */
export type Every = (name: string) => readonly string[];

/** A path to go to next; a refusal is shown as a page, or as a problem to who sent JSON. */
export type Outcome = Shown | Refusal | Response | { readonly next: string };

interface Acts<V> {
  readonly path: string;
  readonly show?: (visit: V) => Outcome | Promise<Outcome>;
  /** How many bytes of a form are taken, where a file may be among its fields. */
  readonly max?: number;
  /** A form that was sent to the path. Works without any script. */
  readonly act?: (visit: V, fields: Fields, every: Every) => Outcome | Promise<Outcome>;
}

/** One page: `open` to everybody, or for who is signed in. */
export type Page =
  | ({
      readonly open: true;
      /** Its form may come from anywhere: the path itself says what may be done. */
      readonly fromAnywhere?: true;
    } & Acts<Visit>)
  | ({ readonly open?: false } & Acts<OwnVisit>);

/** A path of ours to which a person may be sent after they signed in. */
export const safeNext = (path: string | undefined): string | null =>
  path !== undefined && /^\/(?![/\\])[^\s\\]{0,500}$/.test(path) ? path : null;

/** Did the request bring JSON, and wants it? */
export const isJson = (c: Ctx): boolean =>
  /^application\/json\b/i.test(c.req.raw.headers.get("content-type") ?? "");
