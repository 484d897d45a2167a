/** Ends a `switch` over a union: a case left out is a compile error here, and a thrown error if it happens anyway. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`)
}
