/** What somebody is to a document. Each includes what the next one may do. */
export type Role = "owner" | "editor" | "commenter" | "viewer"

/** All roles, the strongest first. */
export const ROLES: readonly Role[] = ["owner", "editor", "commenter", "viewer"]

/** Whether text from outside names a role. */
export function isRole(text: unknown): text is Role {
  return ROLES.includes(text as Role)
}

/** The strongest of several roles, `undefined` being none: somebody may have one as a member and one by a link. */
export function strongest(...roles: readonly (Role | undefined)[]): Role | undefined {
  return ROLES.find((role) => roles.includes(role))
}
