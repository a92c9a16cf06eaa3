import type { PayerActionView, SignView } from '@contract'
import { agreements } from './taro-bff'

/** The bank's challenge as pages get it, until five minutes from now, resent not before a minute. */
export function challengeOf(more: Record<string, string> = {}): PayerActionView {
  const params = {
    challengeId: 'ch-1',
    kinds: 'sms',
    maskedPhone: '138****5678',
    attemptsLeft: '3',
    resendAt: String(Date.now() + 60_000),
    ...more,
  }
  return { kind: 'challenge', params, expiresAt: new Date(Date.now() + 300_000).toISOString() }
}

export function redirectOf(url = 'https://bank.example/confirm?x=1'): PayerActionView {
  return { kind: 'redirect', params: { url }, expiresAt: new Date(Date.now() + 300_000).toISOString() }
}

export function signViewOf(more: Partial<SignView> = {}): SignView {
  const view = {
    signNo: 'S0123456789ABCDEF',
    kind: 'sign',
    state: 'open',
    action: null,
    agreement: null,
    refusal: null,
  }
  return { ...(view as SignView), ...more }
}

export const signed = signViewOf({ state: 'signed', agreement: agreements.items[0] as SignView['agreement'] })
