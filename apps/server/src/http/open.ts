import { Hono } from "hono"

/** `/api/session` in open mode: nobody is anybody, and nobody needs to be. */
export function openRoutes(): Hono {
  const session = { mode: "open", person: null, signIn: { password: false, oidc: null }, needsSetup: false }
  return new Hono().get("/api/session", (context) => context.json(session))
}
