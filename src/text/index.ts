import { en, type Text } from "./en.ts";
import { fr } from "./fr.ts";

export const LANGUAGES: Readonly<Record<string, Text>> = { en, fr };
export type { MailText, Text } from "./en.ts";
export type { SettingsText } from "./pages/en.ts";

/** The first of the languages that a person prefers (RFC 9110 §12.5.4) and that there is. */
export function textFor(acceptLanguage: string | undefined): Text {
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", q] = part.trim().split(";q=");
      return { language: tag.slice(0, 2).toLowerCase(), q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ language, q }) => language in LANGUAGES && q > 0)
    .toSorted((a, b) => b.q - a.q);
  return LANGUAGES[wanted[0]?.language ?? "en"] ?? en;
}

/** A text with its `{words}` put in their places; one that is not there is left out. */
export const fill = (text: string, words: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name] ?? ""));
