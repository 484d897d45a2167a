import type { Role } from "@quire/access"

/** What roles are called where one is chosen. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: "Owner",
  editor: "Can write",
  commenter: "Can comment",
  viewer: "Can read",
}

/** What one's own role allows, as a sentence. */
export const ROLE_SENTENCES: Readonly<Record<Role, string>> = {
  owner: "You own this document: you may write here, and say who else may.",
  editor: "You may read and write here. Only an owner may share it with others.",
  commenter: "You may read and comment here. To write, ask an owner of this document.",
  viewer: "You may read here. To comment or write, ask an owner of this document.",
}
