import { useSyncExternalStore } from 'react'
import { largeType } from '../large-type'
import { Press } from './base'
import './large-type.scss'

/** 大字: every text at least 18 pt and every control 60 px high, on this device, until it is pressed again. */
export function LargeType() {
  const size = useSyncExternalStore(largeType.listen, largeType.now)
  if (!largeType.choosable(size)) return null
  return (
    <Press className={`large-type ${size.on ? 'large-type--on' : ''}`} chosen={size.on} onPress={largeType.toggle}>
      大字
    </Press>
  )
}
