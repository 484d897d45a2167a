import type { Context } from "hono"
import type { z } from "zod"
import { problem } from "./problem.js"

/** A JSON body is at most this large. */
export const BODY_BYTES = 65_536

/** What a body turned out to be: its value, or the answer that refuses it. */
export type Body<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly response: Response }

/**
 * Reads a JSON body.
 *
 * @param code what to refuse a body with that does not fit the schema. @param form a sentence for one of no such form.
 */
export async function readJson<T>(
  context: Context,
  schema: z.ZodType<T>,
  refusal: { readonly code?: string; readonly form?: string } = {},
): Promise<Body<T>> {
  const { code = "QUIRE_BODY", form = "the body is not what this route takes" } = refusal
  const refuse = (status: 400 | 413 | 415, why: string, message: string): Body<T> => ({
    ok: false,
    response: problem(context, status, { code: why, message }),
  })
  if (!/^application\/json\b/i.test(context.req.header("content-type") ?? "")) {
    return refuse(415, "QUIRE_NOT_JSON", "send the body as application/json")
  }
  const text = await readText(context.req.raw)
  if (text === undefined) return refuse(413, "QUIRE_BODY_TOO_LARGE", `the body is over ${BODY_BYTES} bytes`)
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return { ok: true, value: parsed.data }
  return refuse(400, code, parsed.error.issues[0]?.message ?? form)
}

async function readText(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is for the schema to refuse, with its own sentence.
    return undefined
  }
}
