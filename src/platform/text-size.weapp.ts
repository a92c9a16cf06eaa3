import Taro from '@tarojs/taro'
import { largeType } from '../large-type'

/** WeChat's standard size of text, px. */
const CHAT_PX = 17

interface Settings {
  fontSizeSetting?: number
  /** WeChat says it since base library 3.6 */
  fontSizeScaleFactor?: number
}

/** By WeChat's 字体大小, which people change on a page of WeChat's and come back. */
export function followTextSize(): void {
  const read = () => {
    const said = (Taro.getAppBaseInfo?.() ?? {}) as object as Settings
    const { fontSizeScaleFactor, fontSizeSetting = CHAT_PX } = said
    largeType.wished(fontSizeScaleFactor ?? fontSizeSetting / CHAT_PX)
  }
  read()
  Taro.onAppShow(read)
}
