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
