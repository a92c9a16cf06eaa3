import type { BankView } from '@contract'
import { useEffect, useState } from 'react'
import { payerApi } from '../payer-api'
import { host } from '../platform/host'
import { Box, Press } from './base'
import { Phrases } from './phrases'
import './contact.scss'

/** Whom a payer turns to: the bank's phone, and how one complains, as the bank has said. Nothing of a page waits for it. */
export function Contact() {
  const [bank, setBank] = useState<BankView>()
  useEffect(() => {
    let wanted = true
    payerApi.bank().then(
      (told) => wanted && setBank(told),
      () => {},
    )
    return () => {
      wanted = false
    }
  }, [])
  if (!bank) return null
  const { name, phone, complaints } = bank
  return (
    <Box className="contact">
      <Box className="contact__words">
        <Box>
          <Phrases text={`对付款有疑问，请联系${name}${phone ? '' : '的网点'}`} />
        </Box>
        {complaints && (
          <Box>
            <Phrases text={`投诉：${complaints}`} />
          </Box>
        )}
      </Box>
      {phone && (
        <Press className="contact__phone" label={`拨打${name} ${phone}`} onPress={() => host.dial(phone)}>
          {phone}
        </Press>
      )}
    </Box>
  )
}
