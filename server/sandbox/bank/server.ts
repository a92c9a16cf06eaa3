import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { serve } from '../../serve'
import { noJournal, openJournal } from '../journal'
import { Bank } from './bank'
import { Books } from './books'
import { secretsOf } from './challenges'
import type { Fact } from './facts'
import type { BankOptions } from './options'
import { bankHandler } from './serve'
import { type StatementFact, Statements } from './statement'

export interface BankServer {
  port: number
  stop(): Promise<void>
}

/**
 * Opens the books of `dataDir` and serves docs/bank-channel.md, and the sandbox's own routes, on 127.0.0.1.
 * `now`: by whose clock. @throws in production, when the port is taken, and when the journal is damaged
 */
export async function startBankServer(options: BankOptions, now = Date.now): Promise<BankServer> {
  if (options.production) throw new Error('it refuses to run in production')
  const journal = options.dataDir === null ? noJournal : openJournal<Fact>(options.dataDir)
  const books = new Books()
  for (const fact of journal.facts) books.apply(fact)
  // Its own file: what the statements remember is no booking.
  const remembered =
    options.dataDir === null ? noJournal : openJournal<StatementFact>(join(options.dataDir, 'statements'))
  const statements = new Statements(books, remembered, now)
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // each request that a fault delays listens to it
  const ways = {
    easy: options.easy,
    secrets: secretsOf(options.privateKeysBefore[0] ?? options.privateKey, options.code),
    name: '发牌示范银行',
    payee: (account: string) => options.payees[account] ?? account,
    pageUrl: (token: string) => `http://127.0.0.1:${served.port}/cashier/${token}`,
  }
  const handle = bankHandler(new Bank(books, journal, now, ways), statements, options, stopping.signal)
  const served = await serve(
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        // A caller that goes away in the middle of its request is no fault of ours.
        if (!stopping.signal.aborted && !request.destroyed) console.error('sandbox bank:', error)
        if (response.headersSent) response.destroy()
        else response.writeHead(500).end()
      })
    },
    options.port,
    '127.0.0.1',
  )
  return {
    port: served.port,
    async stop() {
      stopping.abort()
      await served.stop(0)
      journal.close()
      remembered.close()
    },
  }
}
