import { getCookie } from "hono/cookie";
import type { Visit } from "../page.ts";

/** The zone of the person's clock, as a script of ours said it in a cookie; else UTC. */
export function zoneOf({ c }: Visit): string {
  const said = getCookie(c, "tz");
  if (said === undefined || !/^[\w+/-]{1,64}$/.test(said)) return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: said }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

/** An instant as a person reads it: in their language and zone, which is named where it is UTC. */
export function instantText(visit: Visit, at: string): string {
  const timeZone = zoneOf(visit);
  const shown = new Intl.DateTimeFormat(visit.text.language, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone,
  }).format(new Date(at));
  return timeZone === "UTC" ? `${shown} UTC` : shown;
}

export const When = ({ visit, at }: { visit: Visit; at: string | null | undefined }) =>
  at ? <time datetime={at}>{instantText(visit, at)}</time> : <></>;

/** The day in the person's zone on which an instant lies, as a date field has it. */
export const dayOf = (visit: Visit, at: string | null | undefined): string =>
  at
    ? new Intl.DateTimeFormat("en-CA", { timeZone: zoneOf(visit), dateStyle: "short" }).format(
        new Date(at),
      )
    : "";

/** The end of a day in the person's zone as an instant; what is no day is left for the API to refuse. */
export function endOfDay(visit: Visit, day: string | undefined): string | null {
  if (!day) return null;
  const end = Date.parse(`${day}T23:59:59Z`);
  if (Number.isNaN(end)) return day;
  return new Date(end - offsetAt(zoneOf(visit), end)).toISOString();
}

/** The instant of a date and time in the person's zone, as a field of both has them. */
export function instantAt(visit: Visit, local: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(local)) return null;
  const at = Date.parse(`${local}Z`);
  return Number.isNaN(at) ? null : new Date(at - offsetAt(zoneOf(visit), at)).toISOString();
}

/** An instant as such a field has it. */
export const localOf = (visit: Visit, at: number): string =>
  new Date(at + offsetAt(zoneOf(visit), at)).toISOString().slice(0, 16);

/** How far ahead of UTC a zone is at an instant. */
function offsetAt(timeZone: string, instant: number): number {
  const at = Math.floor(instant / 1_000) * 1_000;
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const local = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return local - at;
}
