import { z } from 'zod'
import type { PayerAction } from '../../domain/channel'

/** A challenge as the bank tells of it (docs/bank-channel.md); its page must be one that a browser may be sent to. */
export const challengeReply = z.object({
  challengeId: z.string().min(1).max(64),
  kinds: z.array(z.enum(['sms', 'password', 'app', 'redirect'])).min(1),
  maskedPhone: z.string().max(32).optional(),
  url: z.string().max(2_048).refine(isSafeUrl).optional(),
  expiresAt: z.int().min(0),
  attemptsLeft: z.int().min(0),
  resendAt: z.int().min(0),
  lastProof: z.literal('wrong').optional(),
})
export type ChallengeReply = z.infer<typeof challengeReply>

/** Encrypted, or of this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}

/** What the payer must do about it, in our words. */
export function actionOf(challenge: ChallengeReply): PayerAction {
  const { challengeId, kinds, maskedPhone, url, expiresAt, attemptsLeft, resendAt, lastProof } = challenge
  if (url !== undefined) return { kind: 'redirect', params: { url }, expiresAt }
  return {
    kind: 'challenge',
    expiresAt,
    params: {
      challengeId,
      kinds: kinds.join(','),
      ...(maskedPhone !== undefined && { maskedPhone }),
      attemptsLeft: String(attemptsLeft),
      resendAt: String(resendAt),
      ...(lastProof && { lastProof }),
    },
  }
}
