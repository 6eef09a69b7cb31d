/** @jsxImportSource react */
import {
  Body,
  Button,
  Container,
  Head,
  Hr,
  Html,
  Link,
  Section,
  Text,
} from "@react-email/components";
import { render } from "@react-email/render";
import type { Words } from "./words.ts";

/*
 * The one layout of mails. Nothing in it is loaded from anywhere, and no link but the mail's own is
 * in it: whether a mail is opened is nobody's business.
 */

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const page = { backgroundColor: "#f4f5f7", fontFamily: FONT, margin: 0, padding: "24px 0" };
const sheet = {
  backgroundColor: "#ffffff",
  borderRadius: "8px",
  maxWidth: "560px",
  padding: "24px 32px",
};
const brand = { color: "#1f4e79", fontSize: "16px", fontWeight: 700, margin: "0 0 16px" };
const heading = { color: "#1a1a1a", fontSize: "20px", fontWeight: 600, margin: "0 0 16px" };
const line = { color: "#1a1a1a", fontSize: "16px", lineHeight: "24px", margin: "0 0 12px" };
const small = { color: "#595f69", fontSize: "13px", lineHeight: "20px", margin: "0 0 8px" };
const button = {
  backgroundColor: "#1f4e79",
  borderRadius: "6px",
  color: "#ffffff",
  fontSize: "16px",
  fontWeight: 600,
  padding: "12px 20px",
};
const link = { color: "#1f4e79", textDecoration: "underline", wordBreak: "break-all" as const };

const Mail = (words: Words) => (
  <Html lang={words.language}>
    <Head>
      <title>{words.subject}</title>
    </Head>
    <Body style={page}>
      <Container style={sheet}>
        <Text style={brand}>Latchkey</Text>
        <h1 style={heading}>{words.subject}</h1>
        {words.before.map((said, n) => (
          <Text key={n} style={line}>
            {said}
          </Text>
        ))}
        {words.button && (
          <Section style={{ margin: "24px 0" }}>
            <Button href={words.button.url} style={button}>
              {words.button.label}
            </Button>
          </Section>
        )}
        {words.after.map((said, n) => (
          <Text key={n} style={line}>
            {said}
          </Text>
        ))}
        <Hr style={{ margin: "24px 0 16px" }} />
        {words.button && (
          <Text style={small}>
            {words.button.otherwise}
            <br />
            <Link href={words.button.url} style={link}>
              {words.button.url}
            </Link>
          </Text>
        )}
        <Text style={small}>{words.foot}</Text>
        {words.unsubscribe && (
          <Text style={small}>
            <Link href={words.unsubscribe.url} style={link}>
              {words.unsubscribe.label}
            </Link>
          </Text>
        )}
      </Container>
    </Body>
  </Html>
);

export const htmlOf = (words: Words): Promise<string> => render(<Mail {...words} />);

export const textOf = ({ before, button, after, foot, unsubscribe }: Words): string =>
  [
    ...before,
    ...(button ? [`${button.label}:\n${button.url}`] : []),
    ...after,
    `-- \n${foot}`,
    ...(unsubscribe ? [`${unsubscribe.label}:\n${unsubscribe.url}`] : []),
  ].join("\n\n");
