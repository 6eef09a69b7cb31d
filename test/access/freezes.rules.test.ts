import { describe, expect, it } from "vitest";
import { ruled } from "./pair.ts";
import { Sketch } from "./sketch.ts";

describe("[R12] a freeze works at once, and a thaw leaves what was", () => {
  const shared = () =>
    ruled({ role: "viewer" }, "members", { role: "viewer" })
      .share("P", "acme", { user: "zoe" }, { role: "viewer" })
      .answer("P", "accepted");
  const views = (world: Sketch) => world.who("view", "site:hq");
  const all = ["bea", "bo", "boss", "zoe"];

  it("[R12] of all shares, to orgs and to persons", () => {
    const world = shared();
    expect(views(world)).toEqual(all);
    expect(views(world.freeze("acme"))).toEqual([]);
    expect(views(world.thaw("acme"))).toEqual(all);
  });

  it("[R12] of those to one partner, and no others", () => {
    const world = shared().freeze("acme", "beta");
    expect(views(world)).toEqual(["zoe"]);
    expect(views(world.freeze("acme"))).toEqual([]);
    expect(views(world.thaw("acme"))).toEqual(["zoe"]);
    expect(views(world.thaw("acme", "beta"))).toEqual(all);
  });

  it("[R22] of the org and those below it, never of one above", () => {
    const world = new Sketch()
      .org("root")
      .org("pole", "root")
      .resource("root", "site:hq")
      .resource("pole", "site:pole")
      .share("S", "root", { user: "zoe" }, { role: "viewer", scope: { resources: ["site:hq"] } })
      .share("T", "pole", { user: "zoe" }, { role: "viewer" })
      .answer("S", "accepted")
      .answer("T", "accepted");
    expect(world.list("zoe", "view")).toEqual(["site:hq", "site:pole"]);
    expect(world.freeze("pole").list("zoe", "view")).toEqual(["site:hq"]);
    expect(world.thaw("pole").freeze("root").list("zoe", "view")).toEqual([]);
  });

  it("[R8] what is accepted while frozen gives nothing until the thaw", () => {
    const world = new Sketch()
      .org("acme")
      .resource("acme", "site:hq")
      .share("P", "acme", { user: "zoe" }, { role: "viewer" })
      .freeze("acme")
      .answer("P", "accepted");
    expect(views(world)).toEqual([]);
    expect(views(world.thaw("acme"))).toEqual(["zoe"]);
  });
});
