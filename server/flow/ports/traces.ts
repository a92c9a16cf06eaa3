/** What is kept of from where people came, for a while. */
export interface Traces {
  /** Clears those of before `at`, ms, at most so many; answers how many. */
  clear(before: number, limit: number): Promise<number>
}
