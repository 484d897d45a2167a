/** Whether a guest has chosen a name, rather than being given one by the device. */
export function hasChosenName(name: string): boolean {
  return !name.startsWith("Guest ")
}
