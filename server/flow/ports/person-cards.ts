/** The cards that each person has had of a date, which what one may use is counted by. */
export interface PersonCards {
  /** Forgets at most so many people's of dates before this one; answers how many. */
  forget(beforeDate: string, limit: number): Promise<number>
}
