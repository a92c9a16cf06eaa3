import { sqlEngines } from '../../../../harness/sql'
import { sqlAgreements } from '../../../../server/store/sql/agreement/agreements'
import { sqlCatalog } from '../../../../server/store/sql/merchant/catalog'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { fakeLedger } from '../../../support/fake-ledger'
import { believedContract } from './believed-contract'
import { ledgerContract } from './ledger-contract'
import { ledgerReadsContract } from './ledger-reads-contract'
import { ledgerSweepContract } from './ledger-sweep-contract'
import { personContract } from './person-contract'

for (const { name, start } of sqlEngines()) {
  const open = async () => {
    const engine = await start()
    const sql = await engine.fresh()
    return {
      ledger: sqlLedger(sql),
      catalog: sqlCatalog(sql),
      agreements: sqlAgreements(sql),
      seed: (street: Parameters<typeof seedFoodStreet>[1]) => seedFoodStreet(sql, street),
      close: engine.stop,
    }
  }
  ledgerContract(name, open)
  ledgerReadsContract(name, open)
  ledgerSweepContract(name, open)
  personContract(name, open)
  believedContract(name, open)
}

const fake = async () => {
  const ledger = fakeLedger()
  return { ledger, catalog: ledger, agreements: ledger.agreementBook, seed: ledger.seed, close: async () => {} }
}
ledgerContract('the fake', fake)
ledgerReadsContract('the fake', fake)
ledgerSweepContract('the fake', fake)
personContract('the fake', fake)
believedContract('the fake', fake)
