import { useServices } from "../app/services.js"
import { Dialog } from "../ui/Dialog.js"
import { FormEnd } from "../ui/FormEnd.js"
import { useForm } from "../ui/use-form.js"
import { useLoaded } from "../ui/use-loaded.js"
import { checkNothing } from "./checks.js"
import { useAccountApi } from "./use-account-api.js"
import "./sign-out.css"

/** Signs out, after asking what shall become of the copies on this device. */
export function SignOut({ onClose }: { readonly onClose: () => void }): React.ReactNode {
  const { copies, who } = useServices()
  const api = useAccountApi()
  const { loaded } = useLoaded(() => copies.countWaiting())
  const waiting = loaded.kind === "ready" ? loaded.value : 0
  const form = useForm({
    checks: { remove: checkNothing },
    send: async ({ remove }) => {
      await api.signOut()
      who.leave()
      // Other tabs have heard of it by now, and let go of the copies.
      if (remove === "yes") await copies.remove()
      window.location.assign("/sign-in")
    },
  })
  return (
    <Dialog title="Sign out" onClose={onClose}>
      <form className="form" {...form.props}>
        <p>The documents that you opened are kept on this device, so that they open without a connection.</p>
        <label className="sign-out-choice">
          <input type="checkbox" name="remove" value="yes" />
          <span>
            Delete them from this device
            <span className="sign-out-note" data-warns={waiting > 0}>
              {waiting > 0
                ? `${waiting} ${waiting === 1 ? "edit has" : "edits have"} not reached the server and would be lost.`
                : "Do this on a device that others use. Everything on the server stays."}
            </span>
          </span>
        </label>
        <FormEnd label="Sign out" isSending={form.isSending} failure={form.failure} />
      </form>
    </Dialog>
  )
}
