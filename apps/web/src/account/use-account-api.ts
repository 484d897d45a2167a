import { useMemo } from "react"
import { type AccountApi, createAccountApi } from "../api/account.js"
import { useServices } from "../app/services.js"

/** The server's calls about one's own account. */
export function useAccountApi(): AccountApi {
  const { call } = useServices()
  return useMemo(() => createAccountApi(call), [call])
}
