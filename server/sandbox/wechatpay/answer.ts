export interface Answer {
  status: number
  /** undefined: there is none */
  body: unknown
}
