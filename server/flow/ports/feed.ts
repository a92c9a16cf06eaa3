export interface FeedEvent {
  /** opaque and ordered; a reader that went away asks for what came after it */
  cursor: string
  orderNo: string
}

export interface Feed {
  /** Events of a merchant in commit order: those after `after` (or from now on), then live ones, none lost, none twice. */
  subscribe(merchantCode: string, after: string | undefined, onEvent: (event: FeedEvent) => void): Promise<() => void>
  /** Something was just committed: look now instead of at the next poll. */
  nudge(): void
}

/** A feed whose readers can be told that it isn't live. */
export interface WatchedFeed extends Feed {
  /**
   * True when for seconds something has kept back what was committed, or the store couldn't be asked: subscribers hear of it
   * later, none lost, and should look for themselves meanwhile.
   */
  behind(): boolean
}
