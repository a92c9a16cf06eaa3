import { type AgreementDesk, type Channel, ChannelUnavailable } from '../flow/ports'

/** A channel with a bound on how many people wait for it at once in this process. */
export type Bounded<C extends Channel> = C & {
  place: NonNullable<Channel['place']>
  /** how many do now */
  waiting(): number
}

/**
 * The channel with `most` places for calls that somebody's request waits for: one that hangs, or is slow within its deadline, holds
 * no more of this process than those. Who finds none is told before anything is stored or sent. What asks by itself — sweepers,
 * jobs — takes none: it is bounded by its batches, and must go on above all when people wait. Each process has its own.
 */
export function withPlaces<C extends Channel>(channel: C, most: number): Bounded<C> {
  let taken = 0

  function place() {
    if (taken >= most) return undefined
    taken++
    let left = false
    return () => {
      if (!left) taken--
      left = true
    }
  }

  function placed<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      const leave = place()
      if (!leave) throw new ChannelUnavailable('too many wait for it')
      try {
        return await call(...args)
      } finally {
        leave()
      }
    }
  }

  const deskOf = (desk: AgreementDesk): AgreementDesk => ({
    ...desk,
    sign: placed(desk.sign),
    allowSmall: placed(desk.allowSmall),
    confirm: placed(desk.confirm),
    resend: placed(desk.resend),
    state: placed(desk.state),
    end: placed(desk.end),
    endSmall: placed(desk.endSmall),
  })

  const { agreements } = channel
  return { ...channel, ...(agreements && { agreements: deskOf(agreements) }), place, waiting: () => taken }
}
