import { QuireError } from "@quire/base"
import { useRef, useState } from "react"
import { asSentence } from "./sentence.js"

/** What is wrong with what stands in a field; `undefined` if nothing is. */
export type Check = (text: string) => string | undefined

/** What a form is made with. */
export interface FormOptions<Name extends string> {
  /** The fields, in their order, and what each must be. */
  readonly checks: Readonly<Record<Name, Check>>
  /** Sends what stands in the fields. */
  readonly send: (values: Readonly<Record<Name, string>>) => Promise<void>
  /** Which field a refusal is about, by its code; of any other the form itself says the reason. */
  readonly fieldOf?: (code: string) => Name | undefined
}

/** A form's state, and what its elements need. */
export interface Form<Name extends string> {
  /** For the form element. */
  readonly props: {
    readonly noValidate: true
    readonly onSubmit: (event: React.FormEvent<HTMLFormElement>) => void
  }
  /** For a field. */
  readonly field: (name: Name) => { readonly name: Name; readonly error: string | undefined }
  /** Why sending failed, as a sentence. */
  readonly failure: string | undefined
  /** Whether it is on its way. */
  readonly isSending: boolean
}

/** A form that says at the field what is wrong with it, puts the focus there, and is sent once at a time. */
export function useForm<Name extends string>({ checks, send, fieldOf }: FormOptions<Name>): Form<Name> {
  const [errors, setErrors] = useState<Partial<Record<Name, string>>>({})
  const [failure, setFailure] = useState<string>()
  const [isSending, setSending] = useState(false)
  const isBusy = useRef(false)

  const submit = async (form: HTMLFormElement): Promise<void> => {
    const values = readValues(form, checks)
    const wrong = wrongFields(values, checks)
    setErrors(wrong)
    setFailure(undefined)
    const first = firstOf(wrong, checks)
    if (first !== undefined) return focusField(form, first)
    isBusy.current = true
    setSending(true)
    try {
      await send(values)
    } catch (error) {
      const name = error instanceof QuireError ? fieldOf?.(error.code) : undefined
      if (name === undefined) setFailure(sentenceOf(error))
      else {
        setErrors({ [name]: sentenceOf(error) } as Partial<Record<Name, string>>) // a computed key widens to string
        focusField(form, name)
      }
    } finally {
      isBusy.current = false
      setSending(false)
    }
  }
  return {
    props: {
      noValidate: true,
      onSubmit: (event) => {
        event.preventDefault()
        if (!isBusy.current) void submit(event.currentTarget)
      },
    },
    field: (name) => ({ name, error: errors[name] }),
    failure,
    isSending,
  }
}

/** What is wrong, field by field. */
export function wrongFields<Name extends string>(
  values: Readonly<Record<Name, string>>,
  checks: Readonly<Record<Name, Check>>,
): Partial<Record<Name, string>> {
  const wrong: Partial<Record<Name, string>> = {}
  for (const name of namesOf(checks)) {
    const sentence = checks[name](values[name])
    if (sentence !== undefined) wrong[name] = sentence
  }
  return wrong
}

/** Why something failed, as a sentence for people; with what they can do about it. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return asSentence(String(error))
  const hint = error instanceof QuireError && error.hint !== undefined ? ` ${asSentence(error.hint)}` : ""
  return asSentence(error.message) + hint
}

function readValues<Name extends string>(
  form: HTMLFormElement,
  checks: Readonly<Record<Name, Check>>,
): Record<Name, string> {
  const entries = new FormData(form)
  return Object.fromEntries(namesOf(checks).map((name) => [name, String(entries.get(name) ?? "")])) as Record<
    Name,
    string
  > // one entry a name
}

function firstOf<Name extends string>(
  wrong: Partial<Record<Name, string>>,
  checks: Readonly<Record<Name, Check>>,
): Name | undefined {
  return namesOf(checks).find((name) => wrong[name] !== undefined)
}

function namesOf<Name extends string>(checks: Readonly<Record<Name, Check>>): readonly Name[] {
  return Object.keys(checks) as Name[] // its keys are its type
}

function focusField(form: HTMLFormElement, name: string): void {
  const field = form.elements.namedItem(name)
  // After the rendering that ties the sentence to the field: it is then read out with it.
  if (field instanceof HTMLElement) requestAnimationFrame(() => field.focus())
}
