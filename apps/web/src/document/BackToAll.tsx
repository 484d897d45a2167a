import { useServices } from "../app/services.js"
import { Link } from "../ui/Link.js"

/** The way to the other documents. In a frame there is none: the application around it has its own. */
export function BackToAll(): React.ReactNode {
  const { host } = useServices()
  if (host !== undefined) return null
  return (
    <p>
      <Link href="/">All documents</Link>
    </p>
  )
}
