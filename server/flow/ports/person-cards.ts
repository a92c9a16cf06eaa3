/** The cards that each person has had of a date, which what one may use is counted by. */
export interface PersonCards {
  /** Forgets at most so many people's of dates before this one; answers how many. */
  forget(beforeDate: string, limit: number): Promise<number>
}

/** What each payer has spent on a date through each channel, which the day's limit is held by. */
export interface PayerDays {
  /** Forgets at most so many of dates before this one, and nothing of the week of the last order; answers how many. */
  forget(beforeDate: string, limit: number): Promise<number>
}
