/** What is done for the orders of a ledger at night, and by no payment. */
export interface OrderUpkeep {
  /**
   * Forgets which cards are out and which quotes were paid, of at most so many orders of dates before this one, from where it was; answers of
   * how many. A deck that is still open keeps its cards.
   */
  forgetGuards(beforeDate: string, limit: number): Promise<number>
  /**
   * Makes partitions for months to come, so many after this one. Answers with how many it made; null: orders aren't divided yet.
   * @throws LedgerUnavailable also while somebody is at work for long where a month would be put; once all others are made, while orders lie
   * where one is to be; and while the end of an upgrade that was cut off would have orders of months to come refused
   */
  makeMonths(ahead: number): Promise<number | null>
}
