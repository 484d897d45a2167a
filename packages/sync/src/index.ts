export { authorise, type GrantReason, grantFor, type Operation, type Permission } from "./authorise.js"
export { ROOM_LIMITS, type RoomLimits } from "./limits.js"
export { JOINED_BYTES, type Parcel } from "./parcel.js"
export type {
  DocumentKind,
  DocumentOrigin,
  Documents,
  Link,
  LoadedDocument,
  Log,
  LogHealth,
  Merging,
  NewRecord,
  Snapshot,
  StoredRecord,
  Watch,
} from "./ports.js"
export { Connection, type ConnectionSetting, type Gate } from "./receive.js"
export { Rooms, type RoomsClosed, type RoomsOptions } from "./rooms.js"
