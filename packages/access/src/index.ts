export { grantOf, mayDo, OPERATIONS, type Operation, RIGHTS } from "./rights.js"
export { isRole, ROLES, type Role, strongest } from "./role.js"
