import { storage } from './storage'
import type { Role } from './types'

/** In the sandbox a login code is the name of a person: a payer of this device, or `merchant-M0001`, who owns M0001. */
export function sandboxPerson(role: Role, merchantCode: string | undefined): string {
  return role === 'merchant' ? `merchant-${merchantCode ?? ''}` : sandboxPayer()
}

/** Also kept here, for a device that refuses storage. */
let payer: string | undefined

function sandboxPayer(): string {
  payer ??= storage.get<string>('person')
  if (!payer) {
    payer = `payer-${randomText(6)}`
    storage.set('person', payer)
  }
  return payer
}

/** Lower-case letters and digits; distinct for practical purposes, not a secret. */
export function randomText(length: number): string {
  let text = ''
  while (text.length < length) text += Math.random().toString(36).slice(2)
  return text.slice(0, length)
}
