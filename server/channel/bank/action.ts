import { z } from 'zod'
import { isSafeUrl } from '../../domain/address'
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
