import { bankChannel, bankConfig } from './bank'

/** Every channel: its config schema and its maker. A new channel is one folder and one line here. */
export const channels = {
  bank: { config: bankConfig, open: bankChannel },
} as const
