/**
 * The version of the schema this code speaks: a whole number that grows with every node, mark or attribute added, and
 * stands in the client's hello. A client whose version is lower than a page's may not write it, because an editor
 * deletes, for everybody, what its schema does not know.
 *
 * A schema only ever grows: nothing is renamed, narrowed or taken out.
 *
 * 1: textblock (kind, level, id), strong, em. 2: list, start, checked, indent, quote; codeblock; rule; underline, strike,
 * code, link.
 */
export const SCHEMA_VERSION = 2
