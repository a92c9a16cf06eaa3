import { disclose, enclose } from './enclose'
import type { Quote } from './quote'
import { deriveKey, seal, unseal } from './seal'

const PURPOSE = 'quote'

/**
 * Quotes as their payers carry them: sealed, so that anybody may read them and nobody else can make one; enclosed where the payer
 * isn't told its figures. `random`: bytes that never come again.
 */
export function quoteSeals(masterKey: Uint8Array, random: (bytes: number) => Uint8Array) {
  const key = deriveKey(masterKey, 'quote')
  const hiddenKey = deriveKey(masterKey, 'hidden quote')
  return {
    sealQuote: (quote: Quote): string =>
      quote.discountRange ? enclose(hiddenKey, PURPOSE, JSON.stringify(quote), random(12)) : seal(key, PURPOSE, quote),
    /** Undefined: not ours, or changed. */
    openQuote(quoteId: string): Quote | undefined {
      if (quoteId.includes('.')) return unseal(key, PURPOSE, quoteId) as Quote | undefined
      const text = disclose(hiddenKey, PURPOSE, quoteId)
      return text === undefined ? undefined : JSON.parse(text)
    },
  }
}
