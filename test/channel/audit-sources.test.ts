import { openStatements } from '../../scripts/audit-statements'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { readConfig } from '../../server/config'
import { rsaKeys } from '../../server/sandbox/keys'
import { generateWechatpayKeys, publicOf } from '../../server/sandbox/wechatpay/keys'

it('an audit with --bank asks every channel that is configured for its statements, and no other', async () => {
  const { client, bank } = generateBankKeys()
  const { mchId, serial, clientKey, apiV3Key, publicKeyId, platformKey } = generateWechatpayKeys()
  const alipay = rsaKeys()
  const own = {
    MASTER_KEY: 'ab'.repeat(32),
    BANK_URL: 'https://bank.example/gateway',
    BANK_KEY_ID: 'fapai',
    BANK_PRIVATE_KEY: client.privateKey,
    BANK_PUBLIC_KEY: bank.publicKey,
  }
  const wallets = {
    PUBLIC_URL: 'https://pay.example',
    WECHAT_APPID: 'wx0123456789abcdef',
    WECHAT_SECRET: 'ab'.repeat(16),
    WECHATPAY_MCHID: mchId,
    WECHATPAY_SERIAL: serial,
    WECHATPAY_PRIVATE_KEY: clientKey,
    WECHATPAY_API_V3_KEY: apiV3Key,
    WECHATPAY_PUBLIC_KEY_ID: publicKeyId,
    WECHATPAY_PUBLIC_KEY: publicOf(platformKey),
    ALIPAY_APP_ID: '2021000000000001',
    ALIPAY_SELLER_ID: '2088102146225135',
    ALIPAY_PRIVATE_KEY: alipay.privateKey,
    ALIPAY_PUBLIC_KEY: alipay.publicKey,
  }
  const asked = async (env: NodeJS.ProcessEnv) => {
    const stops: (() => unknown)[] = []
    const { statements } = openStatements(readConfig(env), stops)
    for (const stop of stops.reverse()) await stop()
    return [...statements.keys()]
  }
  expect(await asked(own)).toEqual(['bank'])
  expect((await asked({ ...own, ...wallets })).sort()).toEqual(['alipay', 'bank', 'wechatpay'])
})
