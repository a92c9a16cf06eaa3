import { runProcess } from '../process'
import { bankOptions } from './options'
import { startBankServer } from './server'

/** The sandbox bank as a process. */
runProcess('bank', bankOptions, async (options) => {
  const { port, stop } = await startBankServer(options)
  return { stop, said: { port } }
})
