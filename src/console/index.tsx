import { Shell } from './shell'
import './console.scss'

/** The operations console: one page of Taro's, H5 only (src/app.config.ts), with a router of its own below it. */
export default function ConsolePage() {
  return <Shell />
}
