// What is written in the documents: a seeded text of headings and paragraphs with strong and emphasised words, about
// 50,000 characters in 300 blocks, as long reports and handbooks have it. ASCII only, so that a letter of `MARK` stands
// for a key of the writer who is watched.
import * as prng from "lib0/prng"

/** What the watched writer types: nobody else writes it. Two bytes in UTF-8. */
export const MARK = "é"

const WORDS =
  "the of and to in is that for it as was with be by on not he this are or his from at which but have an had they you " +
  "were there one all we can her has more if will about up out who do time my their what some other than only new could " +
  "document server paragraph heading colleague measure between against without everybody writing reading together"
const WORD_LIST = WORDS.split(" ")
const BLOCKS_A_SECTION = 12

/**
 * A text.
 *
 * @returns its blocks in order: `{ level, runs }`, where `level` is 1 to 3 for a heading and `undefined` for a paragraph,
 *   and each run is `{ text, mark }`, `mark` being `"strong"`, `"em"` or `undefined`.
 */
export function writeText(blocks, seed = 20_261_123) {
  const random = prng.create(seed)
  const below = (limit) => prng.uint32(random, 0, limit - 1)
  const words = (count) => Array.from({ length: count }, () => WORD_LIST[below(WORD_LIST.length)]).join(" ")
  const sentence = (count) => {
    const text = words(count)
    return `${text[0].toUpperCase()}${text.slice(1)}. `
  }
  const paragraph = () => {
    const runs = []
    for (let rest = 1 + below(4); rest > 0; rest--) {
      runs.push({ text: sentence(8 + below(14)), mark: undefined })
      if (below(5) === 0) runs.push({ text: `${words(2)} `, mark: below(2) === 0 ? "strong" : "em" })
    }
    return { level: undefined, runs }
  }
  return Array.from({ length: blocks }, (_none, index) => {
    if (index % BLOCKS_A_SECTION !== 0) return paragraph()
    return { level: 1 + (index % 3), runs: [{ text: words(3 + below(5)), mark: undefined }] }
  })
}
