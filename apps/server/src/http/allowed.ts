import { mayDo, type Operation } from "@quire/access"
import type { DocumentId } from "@quire/base"
import type { Context } from "hono"
import type { Members } from "../auth/members.js"
import type { Principal } from "../auth/principal.js"
import { documentName } from "../sockets/upgrade.js"
import { problem } from "./problem.js"
import { notFound, principalOf } from "./visitor.js"

/** Somebody who may do what was asked, and where. */
export interface Allowed {
  readonly principal: Exclude<Principal, { readonly kind: "nobody" }>
  readonly document: DocumentId
}

/**
 * Whoever sent a request, if the table of rights allows it; otherwise the answer that refuses it.
 *
 * @param path what stands before the document's name in the address.
 */
export async function allow(
  members: Members,
  context: Context,
  path: string,
  operation: Operation,
): Promise<Allowed | Response> {
  const name = documentName(new URL(context.req.url).pathname.slice(path.length))
  if (!name.ok) return problem(context, 400, { code: "QUIRE_NAME", message: name.reason })
  const principal = await principalOf(members, context)
  const role = await members.principals.roleOf(principal, name.id)
  if (principal.kind === "nobody" || !mayDo(role, "read")) return notFound(context)
  return mayDo(role, operation) ? { principal, document: name.id } : forbidden(context)
}

/** The answer to somebody who may see that there is something, and not do this with it. */
export function forbidden(context: Context): Response {
  return problem(context, 403, { code: "QUIRE_FORBIDDEN", message: "you may not do this here" })
}
