import type { Log } from "@quire/storage"
import { Hono } from "hono"

/** `/api/health`: 200 and `{"status":"ok"}` when the server can serve and store; 503 with the reason when it cannot store. */
export function healthRoutes(log: Pick<Log, "getHealth">): Hono {
  return new Hono().get("/api/health", (context) => {
    const health = log.getHealth()
    if (health.kind === "ok") return context.json({ status: "ok" })
    return context.json({ status: "failing", reason: health.reason }, 503)
  })
}
