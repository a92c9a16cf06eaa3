import type { Logger } from 'pino'
import { type TendDeps, tendOrders } from '../flow/payment/tend-orders'
import { every } from './every'

/** Months ahead are made long before they are needed. */
const PAUSE_MS = 3_600_000

/** Looks after how orders are kept. Safe beside other processes doing the same. */
export const tendOrdersJob = (deps: TendDeps, log: Logger) =>
  every('tend-orders', PAUSE_MS, log, () => tendOrders(deps))
