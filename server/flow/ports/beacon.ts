import type { Pulse } from '../../domain/deck-proof'

/** A public source of randomness that nobody controls, in rounds of known times. */
export interface Beacon {
  /**
   * The first round at or after a moment, ms; the same for everybody who asks.
   * @throws when it can't be had: it is away, answers nonsense, or the round isn't there yet
   */
  pulseAt(at: number): Promise<Pulse>
}
