export { Admission, type AdmissionLimits, type Admitted, admissionLimits } from "./admission.js"
export { authorise, type GrantReason, grantFor, type Operation, type Permission } from "./authorise.js"
export type { Credentials, Gate, GateAnswer, Identity, Lease } from "./gate.js"
export { ROOM_LIMITS, type RoomLimits } from "./limits.js"
export {
  MemoryGuard,
  type MemoryGuardPorts,
  type MemoryLimits,
  type MemoryPressure,
  type MemoryUse,
} from "./memory-guard.js"
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
export { Connection, type ConnectionSetting } from "./receive.js"
export { Rooms, type RoomsClosed, type RoomsOptions } from "./rooms.js"
