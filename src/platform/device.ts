import { randomText } from './sandbox'
import { storage } from './storage'

/** By it the server tells apart the devices behind one address (docs/OPERATIONS.md). It names nobody, and ends with the storage. */
export const DEVICE_HEADER = 'X-Fapai-Device'

let known: string | undefined

/** The device's own random id: the kept one, else a new one. */
export function deviceId(): string {
  known ??= storage.get<string>('device') ?? newId()
  return known
}

function newId(): string {
  const id = randomText(24)
  storage.set('device', id)
  return id
}
