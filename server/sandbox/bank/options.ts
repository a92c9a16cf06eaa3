import { z } from 'zod'

/** What the sandbox bank is started with: the process takes it as one JSON argument. */
export const bankOptions = z.object({
  /** true makes it refuse to start */
  production: z.boolean(),
  /** 0 takes a free one */
  port: z.int().min(0).max(65_535).default(0),
  /** where the journal lies; null keeps the books in memory only */
  dataDir: z.string().min(1).nullable(),
  /** whose requests are served */
  client: z.object({ keyId: z.string().min(1), publicKey: z.string() }),
  /** the bank's own, for its replies */
  privateKey: z.string(),
  /** those before it, the oldest first: envelopes that were made to them are opened still */
  privateKeysBefore: z.array(z.string()).default([]),
  /** guards the /sandbox routes */
  adminToken: z.string().min(16),
  /** true: everybody has an agreement by one call, and nobody is asked */
  easy: z.boolean().default(false),
  /** every text says this code; null: each has its own */
  code: z
    .string()
    .regex(/^\d{6}$/, 'SANDBOX_CODE: must be six digits')
    .nullable()
    .default(null),
  /** merchants' names by their accounts, for texts and pages */
  payees: z.record(z.string(), z.string()).default({}),
})
export type BankOptions = z.infer<typeof bankOptions>
export type BankOptionsInput = z.input<typeof bankOptions>
