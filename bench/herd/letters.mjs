// What one writer types, as Yjs updates made by hand: one letter each, behind the one before, in the root text "t".

const STRING = 4
const HAS_ORIGIN = 0x80
const PARENT_IS_ROOT = 1
const ROOT = "t"

/** The n-th letter that anybody types, counted from 0. */
export function letterAt(n) {
  return String.fromCharCode(97 + (n % 26))
}

/** The update (v1) of the n-th letter. */
export function letterUpdate(clientId, n) {
  const place = n === 0 ? [STRING, PARENT_IS_ROOT, ROOT.length, ROOT.charCodeAt(0)] : behind(clientId, n - 1)
  return Uint8Array.from([1, 1, ...varUint(clientId), ...varUint(n), ...place, 1, letterAt(n).charCodeAt(0), 0])
}

function behind(clientId, clock) {
  return [STRING | HAS_ORIGIN, ...varUint(clientId), ...varUint(clock)]
}

function varUint(value) {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128))
  return [...bytes, rest]
}
