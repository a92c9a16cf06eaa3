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
