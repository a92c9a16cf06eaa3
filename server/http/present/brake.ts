import type { Brake } from '../../domain/brake'
import type { HeldNow } from '../../flow/campaign/brake'
import type { BrakeView, HeldView } from '../contract'
import { iso } from './iso'

export function presentBrake({ note, pulledBy, pulledAt, revision }: Brake): BrakeView {
  return { note, by: pulledBy, at: iso(pulledAt), revision }
}

export function presentHeld({ all, merchants }: HeldNow): HeldView {
  const held = merchants.map((one) => ({ code: one.merchantCode, name: one.name, ...presentBrake(one) }))
  return { all: all && presentBrake(all), merchants: held }
}
