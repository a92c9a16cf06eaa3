import type { Brake } from '../../domain/brake'
import type { HeldNow } from '../../flow/campaign/brake'
import type { HeldBrake } from '../../flow/ports'
import type { BrakeView, HeldView } from '../contract'
import { iso } from './iso'

export function presentBrake({ note, pulledBy, pulledAt, revision }: Brake): BrakeView {
  return { note, by: pulledBy, at: iso(pulledAt), revision }
}

export function presentHeld({ all, merchants }: HeldNow): HeldView {
  const held = merchants.map((one) => ({ code: one.merchantCode, name: one.name, ...presentHeldBrake(one) }))
  return { all: all && presentHeldBrake(all), merchants: held }
}

const presentHeldBrake = ({ releaseAsked, ...brake }: HeldBrake) => ({ ...presentBrake(brake), releaseAsked })
