import type { Logger } from 'pino'
import { type ClientCertificates, notItsTime } from '../channel/client-certificate'
import { watchBankCertificate } from '../sight/metrics'

/** Shows until when our client certificate for the bank holds, and writes down when its files change. Whoever reads the metrics looks at the files. */
export function watchCertificate(log: Logger, certificates: ClientCertificates | undefined): void {
  watchBankCertificate(() => certificates?.now().expiresAt)
  if (!certificates) return
  const until = (at: number) => ({ expiresAt: new Date(at).toISOString() })
  const first = certificates.now()
  log.info(until(first.expiresAt), 'client certificate for the bank')
  // A start goes on: wallets, refunds' questions and whoever mends it need the house, and the bank is as away as it is to one that runs.
  const out = notItsTime(first, Date.now())
  if (out) log.error({ fault: out.fault }, 'the bank will refuse our client certificate: nobody pays through it')
  certificates.onNews((news) => {
    if (news.kind === 'taken') log.info(until(news.expiresAt), 'another client certificate for the bank')
    else
      log.error(
        { fault: news.fault },
        'the changed client certificate for the bank can’t be used: the one before stays',
      )
  })
}
