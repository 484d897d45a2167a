import { QuireError } from "@quire/base"
import type { Context } from "hono"
import type { ContentfulStatusCode } from "hono/utils/http-status"
import type { Logger } from "pino"

/** What a failed API call answers: `{ error: { code, message, hint? } }`. */
export function problem(
  context: Context,
  status: ContentfulStatusCode,
  error: { readonly code: string; readonly message: string; readonly hint?: string | undefined },
): Response {
  const { code, message, hint } = error
  return context.json({ error: hint === undefined ? { code, message } : { code, message, hint } }, status)
}

/** An address as the log may have it: the last part of some pages is a secret. */
export function loggedPath(path: string): string {
  return path.replace(/^\/(s|setup|join|reset)\/.*$/s, "/$1/…").slice(0, 200)
}

/** The edge of the API: what rises to here is logged once and answered without its inside. */
export function answerError(logger: Logger): (error: Error, context: Context) => Response {
  return (error, context) => {
    logger.error({ event: "http.failed", path: loggedPath(context.req.path), reason: String(error) })
    if (error instanceof QuireError) return problem(context, 503, error)
    return problem(context, 500, { code: "QUIRE_INTERNAL", message: "the server failed at this request" })
  }
}
