import Taro from '@tarojs/taro'

/** Small JSON values on this device. A device that refuses storage (private mode) only forgets sooner. */
export const storage = {
  get<T>(name: string): T | undefined {
    try {
      return (Taro.getStorageSync(`fapai.${name}`) as T) || undefined
    } catch {
      return undefined
    }
  },
  set(name: string, value: unknown): void {
    try {
      Taro.setStorageSync(`fapai.${name}`, value)
    } catch {}
  },
  remove(name: string): void {
    try {
      Taro.removeStorageSync(`fapai.${name}`)
    } catch {}
  },
}

const held = new Map<string, unknown>()

/** The same for as long as the page is open, and not on the device. */
export const memory: typeof storage = {
  get: <T>(name: string) => held.get(name) as T | undefined,
  set: (name, value) => void held.set(name, value),
  remove: (name) => void held.delete(name),
}
