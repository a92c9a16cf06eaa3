import type { Logger } from 'pino'
import type { ClientCertificates } from '../channel/client-certificate'
import { watchBankCertificate } from '../sight/metrics'

/** Shows until when our client certificate for the bank holds, and writes down when its files change. Whoever reads the metrics looks at the files. */
export function watchCertificate(log: Logger, certificates: ClientCertificates | undefined): void {
  watchBankCertificate(() => certificates?.now().expiresAt)
  if (!certificates) return
  const until = (at: number) => ({ expiresAt: new Date(at).toISOString() })
  log.info(until(certificates.now().expiresAt), 'client certificate for the bank')
  certificates.onNews((news) => {
    if (news.kind === 'taken') log.info(until(news.expiresAt), 'another client certificate for the bank')
    else
      log.error(
        { fault: news.fault },
        'the changed client certificate for the bank can’t be used: the one before stays',
      )
  })
}
