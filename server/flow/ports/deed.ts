/**
 * What an operator did, for the chained log; written in the same transaction as the deed. `before` and `after` are JSON,
 * without secrets and personal data.
 */
export interface Deed {
  at: number
  /** `system` for what starts or ends by its date */
  username: string
  /** `noun.verb`, e.g. `campaign.submit` */
  action: string
  /** `noun/id`, e.g. `campaign/food-street` */
  subject: string
  before?: unknown
  after?: unknown
}

export interface LoggedDeed extends Required<Deed> {
  actionId: number
  keyId: string
  mac: string
}
