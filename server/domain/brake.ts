/** What a brake can hold: every discount of the house, those at one merchant, those of one campaign. */
export type BrakeSubject = 'brake/all' | `merchant/${string}` | `campaign/${string}`

/** A brake that is pulled. */
export interface Brake {
  subject: BrakeSubject
  note: string | null
  pulledBy: string
  pulledAt: number
  /** grows with every pull and release, so that what was asked about an earlier one isn't done to this one */
  revision: number
}
