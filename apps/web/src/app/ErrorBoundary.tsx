import { Component } from "react"
import { Button } from "../ui/Button.js"

/** Shows a sentence instead of an empty page when a part of the app has failed. */
export class ErrorBoundary extends Component<{ readonly children: React.ReactNode }, { readonly hasFailed: boolean }> {
  override state: { readonly hasFailed: boolean } = { hasFailed: false }

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): React.ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <main id="content" className="message-page" tabIndex={-1}>
        <h1>This page stopped working</h1>
        <p>Something in Quire failed. What was saved is safe on the server.</p>
        <Button onClick={() => window.location.reload()}>Reload</Button>
      </main>
    )
  }
}
