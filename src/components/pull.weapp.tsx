import Taro, { usePullDownRefresh } from '@tarojs/taro'
import type { PullProps } from './pull-props'

/** WeChat's own, of a page whose config enables it. */
export function Pull({ onPull }: PullProps) {
  const done = () => Taro.stopPullDownRefresh()
  usePullDownRefresh(() => void onPull().then(done, done))
  return null
}
