import { hash } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { DeckId } from '../../domain/deck'
import { MAX_AMOUNT_FEN, MAX_SLOTS } from '../../domain/rule'
import { type Slots, SlotsUnavailable } from '../../flow/ports'
import { CODES } from './codes'
import { scripts } from './script'

/**
 * {@link Slots} on Redis 6.2 or newer, single, Sentinel or Cluster: a deck is one key (layout.lua), every verb one script
 * and one round trip, the time is Redis's own. Throws {@link SlotsUnavailable} on any trouble of Redis, RangeError when a
 * slot isn't in the deck or an amount can't be packed.
 */
export function redisSlots(redis: Redis | Cluster): Slots {
  const run = scripts(redis)
  return {
    async take(deck, payerId, leaseTtlMs, maxPerPayer) {
      const reply = await run.take(keyOf(deck), tagOf(payerId), leaseTtlMs, maxPerPayer ?? '')
      if (Array.isArray(reply)) {
        const [slot, discountFen, left] = reply as [number, number, number]
        return { kind: 'taken', slot, discountFen, leaseMs: leaseTtlMs, left }
      }
      switch (reply) {
        case CODES.NO_DECK:
          return { kind: 'no-deck' }
        case CODES.ALL_HELD:
          return { kind: 'all-held' }
        case CODES.SOLD_OUT:
          return { kind: 'sold-out' }
        case CODES.LIMIT_REACHED:
          return { kind: 'limit-reached' }
        default:
          throw unknownReply(reply)
      }
    },

    async confirm(deck, slot, payerId) {
      const reply = await run.confirm(keyOf(deck), slot, tagOf(payerId))
      if (reply === CODES.DONE) return 'confirmed'
      if (reply === CODES.NO_DECK) return 'no-deck'
      throw unknownReply(reply, slot)
    },

    async release(deck, slot, payerId, keepMs) {
      const reply = await run.release(keyOf(deck), slot, tagOf(payerId), keepMs)
      if (reply === CODES.DONE) return 'released'
      if (reply === CODES.NOT_HELD) return 'not-held'
      if (reply === CODES.NO_DECK) return 'no-deck'
      throw unknownReply(reply, slot)
    },

    async load(deck, amountsFen, usedSlots, expiresAt) {
      if (amountsFen.length < 1 || amountsFen.length > MAX_SLOTS || !amountsFen.every(packable))
        throw new RangeError(`a deck holds 1 to ${MAX_SLOTS} amounts of 1 to ${MAX_AMOUNT_FEN} fen`)
      const used = usedSlots.flatMap(({ slot, payerId }) => [slot, tagOf(payerId)])
      const reply = await run.load(keyOf(deck), expiresAt, amountsFen.length, ...amountsFen, ...used)
      if (reply === CODES.DONE) return 'loaded'
      if (reply === CODES.ALREADY_LOADED) return 'already-loaded'
      throw unknownReply(
        reply,
        usedSlots.map(({ slot }) => slot),
      )
    },

    async count(deck) {
      const reply = await run.count(keyOf(deck))
      if (reply === CODES.NO_DECK) return undefined
      const [free, leased, used] = reply as [number, number, number]
      return { free, leased, used }
    },

    async ping() {
      await redis.ping().catch((cause: unknown) => {
        throw new SlotsUnavailable('Redis failed to answer a ping', { cause })
      })
    },
  }
}

/**
 * `fp1:{campaign:merchant}:date`. The braces keep a merchant's decks on one node of a Cluster. The 1 is the version of the
 * layout: a new layout never meets old bytes, its decks are dealt again from the ledger. Ids are escaped, so that two
 * decks never share a key.
 */
function keyOf({ campaignId, merchantCode, businessDate }: DeckId): string {
  return `fp1:{${encodeURIComponent(campaignId)}:${encodeURIComponent(merchantCode)}}:${businessDate}`
}

/**
 * Eight letters of SHA-256 (48 bits) stand for a payer: small and pseudonymous. Two of a deck's 20 are one in 10¹² decks, and
 * would only be quoted the same slot. Letters because a Buffer among its arguments costs ioredis a tenth of its throughput.
 */
function tagOf(payerId: string): string {
  return hash('sha256', payerId, 'base64url').slice(0, 8)
}

function packable(fen: number): boolean {
  return Number.isInteger(fen) && fen >= 1 && fen <= MAX_AMOUNT_FEN
}

function unknownReply(reply: unknown, slot?: number | readonly number[]): Error {
  if (reply === CODES.BAD_SLOT) return new RangeError(`the deck has no slot ${slot}`)
  return new Error(`a slots script answered ${JSON.stringify(reply)}`)
}
