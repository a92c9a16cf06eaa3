import { storage } from './platform/storage'

const NAME = 'large-type'
/** From here on the system's text is so large that pages need the same room. */
const ROOMY_FROM = 1.5
const listeners = new Set<() => void>()

export interface TextSize {
  /** 大字, chosen on this device */
  on: boolean
  /** how much larger than drawn the reader's own setting wants text, 1 to 2 */
  scale: number
}
let now: TextSize = { on: storage.get<boolean>(NAME) ?? false, scale: 1 }

function become(next: TextSize): void {
  if (next.on === now.on && next.scale === now.scale) return
  now = next
  for (const listener of listeners) listener()
}

/** How large text is: by the setting of WeChat, the browser or the system, and by 大字, which a payer or merchant chooses here. */
export const largeType = {
  now: (): TextSize => now,
  /** Whether pages keep the room that large text needs. */
  roomy: ({ on, scale }: TextSize): boolean => on || scale >= ROOMY_FROM,
  /** Where the setting is as large already, there is nothing left to choose. */
  choosable: ({ scale }: TextSize): boolean => scale < ROOMY_FROM,
  toggle(): void {
    if (now.on) storage.remove(NAME)
    else storage.set(NAME, true)
    become({ ...now, on: !now.on })
  },
  /** What the setting says; beyond twice nothing would fit, and smaller than drawn nothing could be read. */
  wished(scale: number): void {
    become({ ...now, scale: Math.min(2, Math.max(1, scale || 1)) })
  },
  /** Calls at each change; the returned function stops that. */
  listen(listener: () => void): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
