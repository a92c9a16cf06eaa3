/** WeChat wants to hear that what was paid for in its mini-program was handed over (发货信息录入), within 48 hours. */

/** An order that was paid in the mini-program, as WeChat is told of it. */
export interface Delivery {
  orderNo: string
  /** WeChat Pay's number of the payment (transaction_id) */
  transactionId: string
  /** with what it was paid, as the channel names its payer */
  payerRef: string
  merchantName: string
}

export type DeliveryReply =
  /** it has it, now or from before */
  | { kind: 'done'; code: string }
  /** there is nothing to hand over any more: all of it went back */
  | { kind: 'needless'; code: string }
  /** it never will, as things are */
  | { kind: 'refused'; code: string }
  /** ask again: it doesn't know the payment yet, is away, or something of ours is wrong */
  | { kind: 'again'; code: string }

export interface DeliveryDesk {
  /** Safe to repeat. Never throws for what the network or WeChat does. */
  upload(delivery: Delivery, now: number): Promise<DeliveryReply>
}

export interface DueDelivery extends Delivery {
  paidAt: number
  /** that it is late has been told */
  lateTold: boolean
}

/** What is still to be told, kept with how it went. */
export interface Deliveries {
  /**
   * Looks through what was paid since, about `look` of it, and takes the orders of the mini-program, each once: how many it took. `upTo`: there
   * may be more, paid from then on, ms.
   */
  plan(input: { paidFrom: number; payerRefPrefix: string; look: number }): Promise<{ planned: number; upTo?: number }>
  /** Hands out what is due, each to one caller at a time, and next after 2, 4, 8, … s, at most an hour. */
  claim(now: number, limit: number): Promise<DueDelivery[]>
  /** Its end, or only what was said; what has ended stays so. */
  note(
    orderNo: string,
    noted: { state: 'due' | 'done' | 'refused'; code: string; lateTold: boolean; at: number },
  ): Promise<void>
}
