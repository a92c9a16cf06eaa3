/** The HTTP contract: schemas that validate, and the types the front end imports (`import type` only). */
export * from './common'
export * from './merchant'
export * from './payer'
export * from './refund'
