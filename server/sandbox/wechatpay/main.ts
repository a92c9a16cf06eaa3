import { runProcess } from '../process'
import { wechatpayOptions } from './options'
import { startWechatpayServer } from './server'

/** WeChat Pay of the sandbox as a process. */
runProcess('WeChat Pay', wechatpayOptions, async (options) => {
  const { port, stop } = await startWechatpayServer(options)
  return { stop, said: { port } }
})
