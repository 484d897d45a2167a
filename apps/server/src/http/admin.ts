import type { Context } from "hono"
import type { Members } from "../auth/members.js"
import type { Principal } from "../auth/principal.js"
import { problem } from "./problem.js"
import { mustSignIn, principalOf } from "./visitor.js"

/** Somebody who looks after the server's people. */
export type Admin = Principal & { readonly kind: "account" }

/** Who sent a request, if that is an administrator; the answer that refuses it otherwise. */
export async function adminOf(members: Members, context: Context): Promise<Admin | Response> {
  const principal = await principalOf(members, context)
  if (principal.kind === "nobody") return mustSignIn(context)
  return isAdmin(principal) ? principal : forbidden(context)
}

/** The same as things stand now: reading a request takes a while, and others act meanwhile. */
export function stillAdmin(members: Members, context: Context, admin: Admin): Admin | Response {
  const now = members.principals.again(admin)
  if (now.kind === "nobody") return mustSignIn(context)
  return isAdmin(now) ? now : forbidden(context)
}

function isAdmin(principal: Principal): principal is Admin {
  return principal.kind === "account" && principal.isAdmin
}

function forbidden(context: Context): Response {
  return problem(context, 403, { code: "QUIRE_FORBIDDEN", message: "this is for administrators" })
}
