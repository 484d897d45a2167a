import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
// Before the app: what this opens is under way while the modules below are run.
import { services } from "./start.js"
import "./styles/layers.css"
import "./styles/tokens.css"
import "./styles/reset.css"
import "./styles/base.css"
import { App } from "./app/App.js"

const root = document.getElementById("root")
if (root === null) throw new Error("index.html has no element with the id root")

if (services === undefined) {
  void import("./embed/embedded.js").then(({ showEmbedded }) => showEmbedded(root))
} else {
  createRoot(root).render(
    <StrictMode>
      <App services={services} />
    </StrictMode>,
  )
}
