import Taro, { usePageNotFound, useUnhandledRejection } from '@tarojs/taro'
import type { PropsWithChildren } from 'react'
import './platform/young'
import './platform/steps'
import { followTextSize } from './platform/text-size'
import './tokens.scss'
import './app.scss'
// the page in a browser begins with it
import './components/skeleton.scss'

/** Where nothing is, a person is told so, and how to pay. */
const toWayIn = () => void Taro.redirectTo({ url: '/pages/pay/index?lost=1' })

followTextSize()

export default function App({ children }: PropsWithChildren) {
  usePageNotFound(toWayIn)
  // an address that can't even be decoded: the router of a browser stops at it
  useUnhandledRejection((event) => void (event.reason instanceof URIError && toWayIn()))
  return children
}
