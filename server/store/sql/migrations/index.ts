import type { Step } from '../step'
import { catalogue } from './0001-catalogue'
import { orders } from './0002-orders'
import { books } from './0003-books'
import { refunds } from './0004-refunds'
import { slotReturns } from './0005-slot-returns'
import { reconciliation } from './0010-reconciliation'
import { campaignLife } from './0011-campaign-life'
import { operators } from './0012-operators'
import { deckLife } from './0013-deck-life'
import { merchantUsers } from './0014-merchant-users'
import { desk } from './0015-desk'
import { channels } from './0020-channels'
import { orderChannels } from './0021-order-channels'
import { channelBooks } from './0022-channel-books'
import { morningAfter } from './0023-morning-after'
import { branches } from './0024-branches'
import { reissued } from './0025-reissued'
import { heartbeat } from './0026-heartbeat'
import { dayTotals } from './0027-day-totals'
import { deckDate } from './0029-deck-date'
import { frozenBranch } from './0030-frozen-branch'
import { reportSpeed } from './0031-report-speed'
import { identities } from './0032-identities'
import { agreements } from './0033-agreements'
import { verification } from './0034-verification'
import { identityKeys } from './0036-identity-keys'
import { usedTickets } from './0037-used-tickets'
import { walletPaid } from './0038-wallet-paid'
import { dueOfChannel } from './0039-due-of-channel'
import { traces } from './0040-traces'
import { identityTraces } from './0041-identity-traces'
import { campaignDayLimit } from './0042-campaign-day-limit'
import { payerCards } from './0043-payer-cards'
import { suspicions } from './0044-suspicions'
import { discountHolds } from './0045-discount-holds'
import { clawBacks } from './0046-claw-backs'
import { changeRequests } from './0047-change-requests'
import { brakes } from './0050-brakes'
import { differenceRevision } from './0051-difference-revision'
import { logInAttempts } from './0053-log-in-attempts'
import { secondFactors } from './0054-second-factors'
import { walletAccounts } from './0059-wallet-accounts'
import { payerCardsPruned } from './0060-payer-cards-pruned'
import { givenBack } from './0061-given-back'
import { deckCommitments } from './0064-deck-commitments'
import { openDecks } from './0065-open-decks'
import { deckReturns } from './0067-deck-returns'
import { effect } from './0068-effect'
import { refundChannel } from './0069-refund-channel'
import { deliveries } from './0070-deliveries'
import { messageGrants } from './0071-message-grants'
import { booksChain } from './0072-books-chain'
import { sealedDecks } from './0075-sealed-decks'
import { userNames } from './0077-user-names'
import { tradeNumbers } from './0078-trade-numbers'
import { logByTime } from './0079-log-by-time'
import { ledgerKeys } from './0080-ledger-keys'
import { noWorkLost } from './0081-no-work-lost'
import { campaignHours } from './0084-campaign-hours'
import { notifications } from './0086-notifications'
import { merchantsAtScale } from './0087-merchants-at-scale'
import { campaignDays } from './0088-campaign-days'
import { orderPapers } from './0089-order-papers'
import { leanerIndexes } from './0090-leaner-indexes'
import { archives } from './0091-archives'
import { paidOfDay } from './0092-paid-of-day'
import { paidAtMerchant } from './0093-paid-at-merchant'
import { takenCards } from './0096-taken-cards'
import { guardsFilled } from './0097-guards-filled'
import { ordersByMonth } from './0098-orders-by-month'
import { packedKeys } from './0100-packed-keys'
import { keysAndDaysGo } from './0101-keys-and-days-go'
import { orderBooks } from './0102-order-books'
import { packBooks } from './0103-pack-books'
import { openOrders } from './0104-open-orders'
import { paidInPacks } from './0105-paid-in-packs'
import { hotEndings } from './0106-hot-endings'
import { statementPacks } from './0107-statement-packs'
import { packLines } from './0108-pack-lines'
import { packedByNumber } from './0113-packed-by-number'
import { packedByArrays } from './0114-packed-by-arrays'
import { outboxByPosition } from './0115-outbox-by-position'
import { firstOfChannel } from './0116-first-of-channel'
import { askedBefore } from './0117-asked-before'

/**
 * Applied in the order of their names, each once. Append-only: a migration that has left this house is never edited.
 * A list and not a folder scan, so that it is the same from sources, compiled and under test.
 */
export const migrations: Record<string, Step> = {
  '0001-catalogue': catalogue,
  '0002-orders': orders,
  '0003-books': books,
  '0004-refunds': refunds,
  '0005-slot-returns': slotReturns,
  '0010-reconciliation': reconciliation,
  '0011-campaign-life': campaignLife,
  '0012-operators': operators,
  '0013-deck-life': deckLife,
  '0014-merchant-users': merchantUsers,
  '0015-desk': desk,
  '0020-channels': channels,
  '0021-order-channels': orderChannels,
  '0022-channel-books': channelBooks,
  '0023-morning-after': morningAfter,
  '0024-branches': branches,
  '0025-reissued': reissued,
  '0026-heartbeat': heartbeat,
  '0027-day-totals': dayTotals,
  '0029-deck-date': deckDate,
  '0030-frozen-branch': frozenBranch,
  '0031-report-speed': reportSpeed,
  '0032-identities': identities,
  '0033-agreements': agreements,
  '0034-verification': verification,
  '0036-identity-keys': identityKeys,
  '0037-used-tickets': usedTickets,
  '0038-wallet-paid': walletPaid,
  '0039-due-of-channel': dueOfChannel,
  '0040-traces': traces,
  '0041-identity-traces': identityTraces,
  '0042-campaign-day-limit': campaignDayLimit,
  '0043-payer-cards': payerCards,
  '0044-suspicions': suspicions,
  '0045-discount-holds': discountHolds,
  '0046-claw-backs': clawBacks,
  '0047-change-requests': changeRequests,
  '0050-brakes': brakes,
  '0051-difference-revision': differenceRevision,
  '0053-log-in-attempts': logInAttempts,
  '0054-second-factors': secondFactors,
  '0059-wallet-accounts': walletAccounts,
  '0060-payer-cards-pruned': payerCardsPruned,
  '0061-given-back': givenBack,
  '0064-deck-commitments': deckCommitments,
  '0065-open-decks': openDecks,
  '0067-deck-returns': deckReturns,
  '0068-effect': effect,
  '0069-refund-channel': refundChannel,
  '0070-deliveries': deliveries,
  '0071-message-grants': messageGrants,
  '0072-books-chain': booksChain,
  '0075-sealed-decks': sealedDecks,
  '0077-user-names': userNames,
  '0078-trade-numbers': tradeNumbers,
  '0079-log-by-time': logByTime,
  '0080-ledger-keys': ledgerKeys,
  '0081-no-work-lost': noWorkLost,
  '0084-campaign-hours': campaignHours,
  '0086-notifications': notifications,
  '0087-merchants-at-scale': merchantsAtScale,
  '0088-campaign-days': campaignDays,
  '0089-order-papers': orderPapers,
  '0090-leaner-indexes': leanerIndexes,
  '0091-archives': archives,
  '0092-paid-of-day': paidOfDay,
  '0093-paid-at-merchant': paidAtMerchant,
  '0096-taken-cards': takenCards,
  '0097-guards-filled': guardsFilled,
  '0098-orders-by-month': ordersByMonth,
  '0100-packed-keys': packedKeys,
  '0101-keys-and-days-go': keysAndDaysGo,
  '0102-order-books': orderBooks,
  '0103-pack-books': packBooks,
  '0104-open-orders': openOrders,
  '0105-paid-in-packs': paidInPacks,
  '0106-hot-endings': hotEndings,
  '0107-statement-packs': statementPacks,
  '0108-pack-lines': packLines,
  '0113-packed-by-number': packedByNumber,
  '0114-packed-by-arrays': packedByArrays,
  '0115-outbox-by-position': outboxByPosition,
  '0116-first-of-channel': firstOfChannel,
  '0117-asked-before': askedBefore,
}
