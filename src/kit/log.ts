/** One line of JSON for the platform's log. Never holds a secret, an address or a body. */
export const logFault = (where: string, error: unknown): void =>
  console.error(
    JSON.stringify({
      level: "error",
      where,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
