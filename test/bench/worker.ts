// The Worker as it is, and beside it the floor: what the platform itself costs for a question of this shape.
import worker, { type Env } from "../../src/worker.ts";
import { AccessMap as RealMap } from "../../src/objects/access-map.ts";

export class AccessMap extends RealMap {
  /** One point read, as the least that a decision could cost. */
  floor(tree: number, type: string, id: string): boolean {
    const sql = `select * from resources where tree = ? and type = ? and id = ?`;
    return this.ctx.storage.sql.exec(sql, tree, type, id).next().done !== true;
  }

  /** What the platform does whenever it likes: the object's memory is lost. */
  evict(): void {
    this.ctx.abort("evicted by the bench");
  }
}

type Asked = { tree: number; resource: { type: string; id: string } };

/** The object's own methods, as they are called from outside it. */
interface Called {
  floor(...asked: Parameters<AccessMap["floor"]>): Promise<ReturnType<AccessMap["floor"]>>;
  evict(): Promise<void>;
}

export default {
  async fetch(request, env, ctx) {
    const at = request.url.indexOf("/bench/");
    if (at < 0) return worker.fetch(request, env, ctx);
    const { tree, resource } = await request.json<Asked>();
    const object = env.ACCESS_MAP.getByName(String(tree)) as unknown as Called;
    if (request.url.endsWith("/floor"))
      return Response.json({ decision: await object.floor(tree, resource.type, resource.id) });
    await object.evict().catch(() => {});
    return Response.json({ evicted: true });
  },
} satisfies ExportedHandler<Env>;
