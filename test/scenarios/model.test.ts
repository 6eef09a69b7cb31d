import { describe, expect, it } from "vitest";
import { SCENARIOS } from "./index.ts";
import { playOnModel } from "./model.ts";

describe("scenarios, against the model", () => {
  for (const scenario of SCENARIOS)
    it(`${scenario.rules.map((rule) => `[${rule}]`).join(" ")} ${scenario.name}`, () => {
      playOnModel(scenario);
    });
});

describe("every scenario", () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    "expects both a yes and a no: %s",
    (_, { steps }) => {
      const says = (key: "may" | "mayNot") =>
        steps.some((step) => "expect" in step && (step[key]?.length ?? 0) > 0);
      expect([says("may"), says("mayNot")]).toEqual([true, true]);
    },
  );
});
