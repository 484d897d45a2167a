import { Button } from "./Button.js"
import "./field.css"

interface FormEndProps {
  /** What the button does, in words. */
  readonly label: string
  readonly isSending: boolean
  /** Why sending failed. */
  readonly failure: string | undefined
  /** What has been done; gives way to a failure. */
  readonly done?: string | undefined
}

/** The end of a form: what came of it, and the button that sends it. */
export function FormEnd({ label, isSending, failure, done }: FormEndProps): React.ReactNode {
  return (
    <>
      {/* There before it speaks: some screen readers miss live regions that come with their words. */}
      <p className="form-failure" role="alert" data-good={failure === undefined}>
        {failure ?? done}
      </p>
      <Button type="submit" look="primary" aria-disabled={isSending}>
        {label}
      </Button>
    </>
  )
}
